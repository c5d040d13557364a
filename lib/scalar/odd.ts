import type { Lanes, Num } from "./lanes";

/**
 * The value of an odd function at x, of which |`size`| is the size: NaN where x is. The sign comes last. Mesa's software
 * Vulkan (25.0, LLVM 15) makes other numbers of one that is chosen within a selection for NaN.
 */
export function oddValue(s: Lanes, x: Num, size: Num): Num {
  return s.copySign(s.select(s.isNaN(x), x, size), x);
}
