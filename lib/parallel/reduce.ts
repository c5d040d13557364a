import type { Numbers, ReduceOp } from "./comm";

type Accumulate = (into: Numbers, values: Numbers) => void;

/** One loop an operation, so that each compiles to machine code of its own. */
const accumulators: Readonly<Record<ReduceOp, Accumulate>> = {
  sum(into, values) {
    if (into instanceof Float32Array) addFloats(into, values as Float32Array);
    else for (let i = 0; i < into.length; i++) into[i] += values[i];
  },
  prod(into, values) {
    for (let i = 0; i < into.length; i++) into[i] *= values[i];
  },
  min(into, values) {
    for (let i = 0; i < into.length; i++) into[i] = Math.min(into[i], values[i]);
  },
  max(into, values) {
    for (let i = 0; i < into.length; i++) into[i] = Math.max(into[i], values[i]);
  },
};

/** `into = into op values`, elementwise. */
export function accumulate(into: Numbers, values: Numbers, op: ReduceOp): void {
  accumulators[op](into, values);
}

/** What gradients are: of one type alone and unrolled, the loop takes a third of the time. */
function addFloats(into: Float32Array, values: Float32Array): void {
  const whole = into.length - (into.length % 4);
  for (let i = 0; i < whole; i += 4) {
    into[i] += values[i];
    into[i + 1] += values[i + 1];
    into[i + 2] += values[i + 2];
    into[i + 3] += values[i + 3];
  }
  for (let i = whole; i < into.length; i++) into[i] += values[i];
}
