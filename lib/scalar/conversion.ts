/** From one dtype to another. */
import { converted } from "../util/conversion";
import { type DType } from "../util/dtypes";
import type { LaneType, ScalarFunction, Value } from "./lanes";
import { rounded } from "./ulps";

const laneType = (dtype: DType): LaneType => (dtype === "float16" ? "float32" : dtype);

function conversion(to: DType): ScalarFunction {
  return {
    name: `to_${to}`,
    exact: (x) => converted(x, to),
    // What integers lose is lost where they are stored.
    exactWhole: (x) => (to === "bool" ? converted(x, to) : x),
    body: (s, x: Value) => s.convert(x, laneType(to)),
    ulps: rounded,
  };
}

const conversions = new Map<DType, ScalarFunction>();

/** The function that converts to `dtype`: floats toward zero and within the range of integers, 0 for NaN. */
export function conversionTo(dtype: DType): ScalarFunction {
  const known = conversions.get(dtype) ?? conversion(dtype);
  conversions.set(dtype, known);
  return known;
}
