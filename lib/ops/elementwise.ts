/** The family of elementwise ops: operands of one shape, each element by itself. */
import { apply, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import type { CallText } from "../wgsl/expr";
import { allBatched } from "./sum";

/** From a tangent or cotangent of one input to that of the result or back: elementwise maps are diagonal. */
export type Scaling = (t: Node, node: Node) => Node;

interface Elementwise {
  readonly dtype: (inputs: readonly Node[]) => DType;
  readonly text: CallText;
  readonly helpers?: readonly string[];
  readonly cpu: (...args: number[]) => number;
  /** The same of integers, where `cpu` would lose digits: any number that is right modulo 2³². */
  readonly cpuWhole?: (...args: number[]) => number;
  /** By input: multiplies a tangent by the partial derivative; undefined where it is zero everywhere. */
  readonly partials: "nondifferentiable" | readonly (Scaling | undefined)[];
  /** The inputs in which the op is linear, so that a partial is its own transpose. */
  readonly linearIn?: readonly number[];
}

export function elementwise(name: string, rule: Elementwise): Op {
  const { partials, linearIn = [] } = rule;
  return {
    name,
    shape: (inputs) => ({ shape: commonShape(name, inputs), dtype: rule.dtype(inputs) }),
    wgsl: { kind: "elementwise", text: rule.text, helpers: rule.helpers },
    cpu: (inputs, _attrs, out) =>
      mapArrays(isFloat(inputs[0].dtype) ? rule.cpu : (rule.cpuWhole ?? rule.cpu), inputs, cpuArray(out)),
    jvp:
      partials === "nondifferentiable"
        ? partials
        : (tangents, node) => tangents.flatMap((t, i) => (t && partials[i] ? [partials[i](t, node)] : [])),
    transpose:
      linearIn.length === 0 || partials === "nondifferentiable"
        ? "nonlinear"
        : (ct, node, input) => {
            if (!linearIn.includes(input)) return refuse(name, `is not linear in input ${input}`);
            return partials[input]!(ct, node);
          },
    batch: (inputs, batched, node) => apply(node.op, allBatched(inputs, batched), node.attrs),
  };
}

function commonShape(name: string, inputs: readonly Node[]): Node["shape"] {
  const [first] = inputs;
  for (const x of inputs) {
    if (!sameShape(x.shape, first.shape)) {
      refuse(name, `shapes ${inputs.map((i) => formatShape(i.shape)).join(" and ")} differ`);
    }
  }
  return first.shape;
}

function mapArrays(f: (...args: number[]) => number, inputs: readonly CpuArray[], out: CpuArray): CpuArray {
  const { data } = out;
  const arrays = inputs.map((x) => x.data);
  const [a, b, c] = arrays;
  if (inputs.length === 1) for (let i = 0; i < data.length; i++) data[i] = f(a[i]);
  else if (inputs.length === 2) for (let i = 0; i < data.length; i++) data[i] = f(a[i], b[i]);
  else if (inputs.length === 3) for (let i = 0; i < data.length; i++) data[i] = f(a[i], b[i], c[i]);
  else for (let i = 0; i < data.length; i++) data[i] = f(...arrays.map((x) => x[i]));
  return out;
}
