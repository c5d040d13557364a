/** How much is being loaded that an interrupt would leave half loaded for good; shared with who interrupts. */
export const loads = new Int32Array(new SharedArrayBuffer(4));

/** Loads what must not be left half loaded: no interrupt terminates it. */
export function loadWhole<T>(load: () => T): T {
  Atomics.add(loads, 0, 1);
  try {
    return load();
  } finally {
    Atomics.sub(loads, 0, 1);
  }
}
