import { binding, repeat, type Kernel } from "../tensor/hand/gpu";

const workgroups = 4096;
const workgroupSize = 256;
/** Enough that none waits for the one before. */
const accumulators = 8;
/** The loop's bound, read from the length of a buffer of as many floats, for what can be counted is unrolled. */
const turns = 1024;

/** Of one dispatch: a multiplication and an addition for each component of each accumulator. */
export const fmaOperations = workgroups * workgroupSize * accumulators * turns * 4 * 2;

export function fmaKernel(): Kernel {
  const code = `${binding(0, "a", "f32")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(${workgroupSize})
    fn main(@builtin(local_invocation_index) lane: u32) {
      let scale = vec4f(a[lane] + 0.5);
      ${repeat(accumulators, (i) => `var s${i} = vec4f(f32(lane + ${i}u));`)}
      let end = arrayLength(&a);
      for (var turn = 0u; turn < end; turn++) {
        ${repeat(accumulators, (i) => `s${i} = fma(s${i}, scale, scale);`)}
      }
      let sum = ${Array.from({ length: accumulators }, (_, i) => `s${i}`).join(" + ")};
      y[lane] = sum.x + sum.y + sum.z + sum.w;
    }`;
  return { code, workgroups: [workgroups, 1, 1] };
}
