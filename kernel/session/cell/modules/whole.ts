const state = { loading: 0 };

/** Whether something is being loaded that an interrupt would leave half loaded for good. */
export function isLoadingWhole(): boolean {
  return state.loading > 0;
}

/** Loads what must not be left half loaded: no interrupt terminates it. */
export function loadWhole<T>(load: () => T): T {
  state.loading++;
  try {
    return load();
  } finally {
    state.loading--;
  }
}
