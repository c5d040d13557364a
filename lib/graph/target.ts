/** What plans are compiled to: a target turns the work of each step into something that one machine can run. */
import type { Bindings, Work } from "../loops/work";
import { bytesPerElement, type DType } from "../util/dtypes";

/** What the planner has to know of a target. */
export interface Traits {
  /** Buffers that one kernel can read. */
  readonly maxInputs: number;
  /** Elements that a kernel over values of these dtypes computes side by side. */
  readonly lanes: (dtypes: readonly DType[]) => LaneCount;
  /** Parts that the reduction of `reduced` elements to each of `outputs` is split into, so that few outputs still fill a device. */
  readonly chunks: (outputs: number, reduced: number) => number;
  /** As which dtype values of `dtype` lie in a buffer: one for which there is a typed array, or float16. */
  readonly storedAs: (dtype: DType) => DType;
  /** What is missing for values of `dtype`; undefined where they can be computed. */
  readonly missingFor: (dtype: DType) => string | undefined;
  /** Bytes of a run-time scalar: integers take the first four, floats all. */
  readonly scalarBytes: 4 | 8;
}

export type LaneCount = 1 | 2 | 4;

export interface Target<Compiled> {
  readonly traits: Traits;
  /** Throws a RangeError for work that the target cannot do. */
  readonly compile: (work: Work, bindings: Bindings) => Compiled;
}

/** Bytes of `count` values of `dtype` in a buffer. */
export function bytesOf({ storedAs }: Traits, dtype: DType, count: number): number {
  return bytesPerElement(storedAs(dtype)) * count;
}
