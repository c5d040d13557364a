/** What reductions combine elements with: an associative function and its identity. */
import type { DType } from "../util/dtypes";
import { isFloat } from "../util/dtypes";
import { integerRanges } from "../util/conversion";
import { add, larger, maximum, minimum, smaller } from "./arithmetic";
import type { ScalarFunction } from "./lanes";

export interface Combiner {
  readonly name: "sum" | "max" | "min";
  readonly combine: ScalarFunction;
  /** A quicker `combine` for what is not NaN, where `combine` takes care to keep NaN: loops may look for NaN apart. */
  readonly unlessNaN?: ScalarFunction;
  readonly identity: (dtype: DType) => number;
}

const ofRange =
  (end: 0 | 1, ofFloats: number) =>
  (dtype: DType): number =>
    isFloat(dtype) || dtype === "bool" ? ofFloats : integerRanges[dtype][end];

export const sumCombiner: Combiner = { name: "sum", combine: add, identity: () => 0 };

export const maxCombiner: Combiner = {
  name: "max",
  combine: maximum,
  unlessNaN: larger,
  identity: ofRange(0, -Infinity),
};

export const minCombiner: Combiner = {
  name: "min",
  combine: minimum,
  unlessNaN: smaller,
  identity: ofRange(1, Infinity),
};
