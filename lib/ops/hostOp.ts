/** Ops on matrices that run on the host: over the last two axes of their inputs, matrix by matrix. */
import { cpuArray } from "../graph/array";
import { apply, type Attrs, type Aval, type CpuArray, type Op } from "../graph/node";
import { sizeOf, type Shape } from "../util/shapes";
import { later, matrixAt, now, type Computation, type Dense } from "./decompose";
import { requireFloat } from "./define";
import { allBatched } from "./sum";

type Numbers = ArrayLike<number>;

export interface HostRule {
  /** The last axes of the result, from the inputs' last two. */
  readonly shape: (matrices: readonly Shape[]) => Shape;
  /** The elements of one result, from the matrices of each input; errors name the function `where`. */
  readonly compute: (matrices: readonly Dense[], where: string, attrs: Attrs) => Computation<Numbers>;
  readonly jvp: Op["jvp"];
  readonly transpose?: Op["transpose"];
}

/** An op on the last two axes of its inputs, whose leading axes agree. */
export function hostOp(name: string, rule: HostRule): Op {
  function* computed(inputs: readonly CpuArray[], attrs: Attrs, out: Aval): Computation<CpuArray> {
    const result = cpuArray(out);
    const where = (attrs.where as string | undefined) ?? name;
    const batches = sizeOf(inputs[0].shape.slice(0, -2));
    const size = batches === 0 ? 0 : result.data.length / batches;
    for (let b = 0; b < batches && size > 0; b++) {
      const matrices = inputs.map((x) => block(where, x, b));
      result.data.set(yield* rule.compute(matrices, where, attrs), b * size);
    }
    return result;
  }
  return {
    name,
    shape: (inputs) => {
      for (const x of inputs) requireFloat(name, x);
      const batch = inputs[0].shape.slice(0, -2);
      return {
        shape: [...batch, ...rule.shape(inputs.map((x) => x.shape.slice(-2)))],
        dtype: inputs[0].dtype,
      };
    },
    lowering: { kind: "host", wait: (inputs, attrs, out) => later(computed(inputs, attrs, out)) },
    cpu: (inputs, attrs, out) => now(computed(inputs, attrs, out)),
    jvp: rule.jvp,
    transpose: rule.transpose ?? "nonlinear",
    batch: (inputs, batched, node) => apply(node.op, allBatched(inputs, batched), node.attrs),
  };
}

function block(where: string, x: CpuArray, index: number): Dense {
  const [m, n] = x.shape.slice(-2);
  return matrixAt(where, x.data, index * m * n, m, n);
}

export const square = ([[n]]: readonly Shape[]): Shape => [n, n];
