import { createRequire } from "node:module";
import type * as saddle from "../../../../lib";
import { loadWhole } from "./whole";

type Library = typeof saddle;

const requireHere = createRequire(__filename);
const state: { loaded?: Library } = {};

/**
 * The library, loaded when it is first needed: it takes half as long again as all else that a session needs to start,
 * on the processors on which TypeScript starts as well.
 */
export function library(): Library {
  return (state.loaded ??= loadWhole(() => requireHere("../../../../lib") as Library));
}
