/** The family of elementwise ops: operands of one shape, each element by itself. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { isFloat, type DType, type TypedArray } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import type { CallText } from "../loops/expr";
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
    lowering: { kind: "elementwise", text: rule.text, helpers: rule.helpers },
    cpu: interpreted(name, rule),
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

/** The rule of the interpreter: for floats, and for integers where these have a function of their own. */
function interpreted(name: string, { cpu, cpuWhole = cpu }: Elementwise): Op["cpu"] {
  const made = new Map<boolean, Loop>();
  return (inputs, _attrs, out) => {
    const floats = isFloat(inputs[0].dtype);
    let loop = made.get(floats);
    if (loop === undefined) {
      const [kind, f] = floats ? (["floats", cpu] as const) : (["integers", cpuWhole] as const);
      made.set(floats, (loop = loopOf(`${name} of ${kind}`, f, inputs.length)));
    }
    const result = cpuArray(out);
    loop(
      result.data,
      inputs.map(({ data }) => data),
    );
    return result;
  };
}
