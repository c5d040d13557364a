import { createRequire } from "node:module";
import type * as saddle from "../../../../lib";

type Library = typeof saddle;

const requireHere = createRequire(__filename);
const state: { loaded?: Library; isLoading: boolean } = { isLoading: false };

/**
 * The library, loaded when it is first needed: it takes half as long again as all else that a session needs to start,
 * on the processors on which TypeScript starts as well.
 */
export function library(): Library {
  return (state.loaded ??= load());
}

/** Whether an interrupt would leave the library half loaded for good. */
export function isLibraryLoading(): boolean {
  return state.isLoading;
}

function load(): Library {
  state.isLoading = true;
  try {
    return requireHere("../../../../lib") as Library;
  } finally {
    state.isLoading = false;
  }
}
