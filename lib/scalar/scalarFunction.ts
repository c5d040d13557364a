/** A function of one element of each operand. */
import type { Lanes, Value } from "./lanes";

/** How far a result may be from the true value, in units of the last place that this has; where it is normal. */
export interface Ulps {
  /** Of `exact`, in float64. */
  readonly exact: number;
  /** Of `body` in float32, where the target rounds + − × ÷ √ to the nearest. */
  readonly float32: number;
  /** Of `body` in float64; undefined where it has no more digits than in float32. */
  readonly float64?: number;
}

export interface ScalarFunction {
  readonly name: string;
  /** In float64, by other means than `body`: what the interpreter computes, and what `body` is tested against. */
  readonly exact: (...args: number[]) => number;
  /** `exact` of integers, where that of floats would lose digits: any number that is right modulo 2³². */
  readonly exactWhole?: (...args: number[]) => number;
  /** In the instructions of any target. */
  readonly body: (s: Lanes, ...args: never[]) => Value;
  readonly ulps: Ulps;
}

/** The bounds of what is exact, or rounded once. */
export const rounded: Ulps = { exact: 0.5, float32: 0.5, float64: 0.5 };
