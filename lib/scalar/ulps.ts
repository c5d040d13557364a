/** What functions are told to be right to. */
import type { Ulps } from "./lanes";

/** The bounds of what is exact, or rounded once. */
export const rounded: Ulps = { exact: 0.5, float32: 0.5, float64: 0.5 };
