/** The family of elementwise ops: operands of one shape, each element by itself. */
import { apply, type Aval, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { isFloat, type DType, type TypedArray } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import type { ScalarFunction } from "../scalar/lanes";
import { allBatched } from "./sum";

/** From a tangent or cotangent of one input to that of the result or back: elementwise maps are diagonal. */
export type Scaling = (t: Node, node: Node) => Node;

interface Elementwise {
  readonly dtype: (inputs: readonly Node[]) => DType;
  /** By input: multiplies a tangent by the partial derivative; undefined where it is zero everywhere. */
  readonly partials: "nondifferentiable" | readonly (Scaling | undefined)[];
  /** The inputs in which the op is linear, so that a partial is its own transpose. */
  readonly linearIn?: readonly number[];
}

/** The op that applies `f` to each element; it has its name. */
export function elementwise(f: ScalarFunction, rule: Elementwise): Op {
  const { name } = f;
  const { partials, linearIn = [] } = rule;
  return {
    name,
    shape: (inputs) => ({ shape: commonShape(name, inputs), dtype: rule.dtype(inputs) }),
    lowering: { kind: "elementwise", function: () => f },
    cpu: (inputs, _attrs, out) => interpreted(f, inputs, out),
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

type Loop = (out: TypedArray, inputs: readonly TypedArray[]) => void;

/**
 * A loop that sets each element of its result to `f` of those of `count` inputs. V8 inlines a function into a loop that
 * has called no other: in one that all ops shared, an element took 11 ns instead of 2. Loops of one text are one to V8,
 * so that each has its op's name in it.
 */
function loopOf(name: string, f: (...args: number[]) => number, count: number): Loop {
  const names = Array.from({ length: count }, (_, k) => `x${k}`);
  const element = names.map((x) => `${x}[i]`).join();
  const text = `/* ${name} */ return (out, [${names.join()}]) => {
    for (let i = 0; i < out.length; i++) out[i] = f(${element});
  }`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is made of an op's name and a count alone
  const make = new Function("f", text) as (g: typeof f) => Loop;
  return make(f);
}

const loops = { floats: new WeakMap<ScalarFunction, Loop>(), integers: new WeakMap<ScalarFunction, Loop>() };

/** What the interpreter makes of each element, by what is exact: for floats, and for integers where these have their own. */
export function interpreted(f: ScalarFunction, inputs: readonly CpuArray[], out: Aval): CpuArray {
  const kind = isFloat(inputs[0].dtype) ? "floats" : "integers";
  const exact = kind === "floats" ? f.exact : (f.exactWhole ?? f.exact);
  const loop = loops[kind].get(f) ?? loopOf(`${f.name} of ${kind}`, exact, inputs.length);
  loops[kind].set(f, loop);
  const result = cpuArray(out);
  loop(
    result.data,
    inputs.map(({ data }) => data),
  );
  return result;
}
