/** Random graphs of all that plans are made of, run by a plan and by the ops' own rules. */
import fc from "fast-check";
import { concatenate, conv2d, stack, where, type Device } from "../../lib";
import { createCpuDevice } from "../../lib/device/interpreter";
import { makeNode, settle, type Node } from "../../lib/graph/node";
import { numberDevice, type NumberTraits } from "../../lib/numbers/device";
import { leaf } from "../../lib/ops/define";
import { iota } from "../../lib/ops/iota";
import { pad } from "../../lib/ops/view";
import { Tensor, traced } from "../../lib/tensor/tensor";
import { arrayFor, isFloat, type DType, type TypedArray } from "../../lib/util/dtypes";
import { sizeOf, type Shape } from "../../lib/util/shapes";

/** A graph as data, which shrinks: leaves, then steps that each apply an op to values that there are. */
export interface RandomGraph {
  readonly leaves: readonly { readonly shape: Shape; readonly dtype: DType; readonly seed: number }[];
  readonly steps: readonly RandomStep[];
  /** Values, by number from the last, that are wanted beside the last. */
  readonly roots: readonly number[];
  /** The same of those that are kept though nobody has asked for them. */
  readonly kept: readonly number[];
  /** Whether leaves are placeholders of a program that is run with their values. */
  readonly isProgram: boolean;
  readonly device: number;
}

export interface RandomStep {
  readonly op: string;
  /** Operands, by number from the last: small numbers make chains, large ones share. */
  readonly operands: readonly number[];
  readonly choices: readonly number[];
  /** Where a window starts, when the graph is run first, and when its plan is used again. */
  readonly starts: readonly (readonly number[])[];
}

interface Value {
  readonly x: Tensor;
  /** Whether it is the same to the bit in whatever order sums are taken: what jumps is computed of such alone. */
  readonly isExact: boolean;
}

/** A number below `n`, the next of a sequence. */
export type Pick = (n: number) => number;
type Apply = (x: Tensor, pick: Pick, other: (k?: number) => Value, start: Pick) => Tensor | undefined;

/** Elements beyond which nothing is applied that grows. */
const large = 300;
const mostAxes = 4;

const axisOf = (x: Tensor, pick: Pick): number => pick(x.ndim);

export function shuffled(n: number, pick: Pick): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = pick(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** `y` in the shape of `x`: cut and filled up along each axis. */
function fitted(y: Tensor, x: Tensor): Tensor {
  const flat = y.reshape([y.size]);
  const size = Math.min(y.size, x.size);
  return flat
    .slice([0], [size])
    .pad([[0, x.size - size]])
    .reshape(x.shape);
}

const asFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : x.astype("float32"));
const asNumber = (x: Tensor): Tensor => (x.dtype === "bool" ? x.astype("int32") : x);

/** Of any values; the result is exact where they are. */
const exactOps: Readonly<Record<string, Apply>> = {
  add: (x, _, other) => asNumber(x).add(fitted(other().x, x)),
  sub: (x, _, other) => asNumber(x).sub(fitted(other().x, x)),
  mul: (x, _, other) => asNumber(x).mul(fitted(other().x, x)),
  maximum: (x, _, other) => asNumber(x).maximum(fitted(other().x, x)),
  addAll: (x, _, other) => [1, 2, 3].reduce((sum, k) => sum.add(fitted(other(k).x, x)), asNumber(x)),
  half: (x) => asFloat(x).mul(0.5),
  plus: (x, pick) => asNumber(x).add(pick(5)),
  abs: (x) => (x.dtype === "uint32" ? x : asNumber(x).abs()),
  broadcast: (x, pick) => {
    const axis = axisOf(x, pick);
    return x.ndim === 0 ? undefined : asNumber(x).add(asNumber(x).sum(axis, { keepdims: true }));
  },
  transpose: (x, pick) => x.transpose(shuffled(x.ndim, pick)),
  window: (x, pick, _, start) => {
    const sizes = x.shape.map((n) => (pick(3) === 0 ? n : pick(n + 1)));
    const starts = x.shape.map((n, d) => start(n - sizes[d] + 1));
    return x.slice(
      starts,
      starts.map((from, d) => from + sizes[d]),
    );
  },
  slice: (x, pick) => {
    const starts = x.shape.map((n) => pick(n + 1));
    return x.slice(
      starts,
      x.shape.map((n) => n),
      x.shape.map(() => 1 + pick(3)),
    );
  },
  flip: (x, pick) => (x.ndim === 0 ? undefined : x.flip(axisOf(x, pick))),
  pad: (x, pick) =>
    x.size > large
      ? undefined
      : x.pad(
          x.shape.map(() => [pick(3), pick(3)]),
          pick(2),
        ),
  spreadOut: (x, pick) => {
    if (x.size > large / 4) return undefined;
    const [before, after, between] = [0, 1, 2].map(() => x.shape.map(() => pick(3)));
    return new Tensor(pad(x.node, before, after, between));
  },
  ramp: (x, pick) => {
    if (x.ndim === 0) return undefined;
    const line = new Tensor(iota(x.shape[x.ndim - 1], "int32", x.device));
    return asNumber(x).add(pick(2) === 0 ? line : line.mul(2).sub(3));
  },
  flatten: (x) => x.reshape([x.size]),
  split: (x, pick) => {
    const factor = [2, 3, 4, 5].filter((f) => x.size % f === 0)[pick(3)] ?? 1;
    return x.reshape(pick(2) === 0 ? [factor, x.size / factor] : [x.size / factor, factor]);
  },
  newAxis: (x, pick) => (x.ndim >= mostAxes ? undefined : x.expandDims(pick(x.ndim + 1))),
  concatenate: (x, pick, other) => {
    if (x.ndim === 0 || x.size > large) return undefined;
    const axis = axisOf(x, pick);
    return concatenate([x, fitted(other().x.astype(x.dtype), x), x.flip(axis)], axis);
  },
  stack: (x, pick, other) =>
    x.size > large || x.ndim >= mostAxes
      ? undefined
      : stack([x, fitted(other().x.astype(x.dtype), x)], pick(x.ndim + 1)),
  repeat: (x, pick) => (x.ndim === 0 || x.size > large ? undefined : x.repeat(2, axisOf(x, pick))),
  spread: (x, pick) =>
    x.size > large || x.ndim >= mostAxes ? undefined : x.expandDims(0).repeat(1 + pick(4), 0),
  sum: (x, pick) => (x.ndim === 0 ? undefined : x.sum(axisOf(x, pick), { keepdims: pick(2) === 1 })),
  sumAll: (x) => x.sum(),
  sumTwo: (x, pick) => (x.ndim < 2 ? undefined : x.sum(shuffled(x.ndim, pick).slice(0, 2))),
  max: (x, pick) => {
    const axis = axisOf(x, pick);
    return x.ndim === 0 || x.shape[axis] === 0 ? undefined : asNumber(x).max(axis);
  },
  min: (x, pick) => {
    const axis = axisOf(x, pick);
    return x.ndim === 0 || x.shape[axis] === 0 ? undefined : asNumber(x).min(axis);
  },
  cumsum: (x, pick) => (x.ndim === 0 ? undefined : asNumber(x).cumsum(axisOf(x, pick))),
  matmul: (x, pick, other) => {
    if (x.ndim < 2 || x.size > large) return undefined;
    const columns = 1 + pick(5);
    const [depth] = x.shape.slice(-1);
    const table = asFloat(other().x).reshape([other().x.size]);
    const size = Math.min(table.size, depth * columns);
    const filled = table.slice([0], [size]).pad([[0, depth * columns - size]]);
    return asFloat(x).matmul(filled.reshape([depth, columns]));
  },
  gram: (x) => (x.ndim < 2 || x.size > large ? undefined : asFloat(x).matmul(asFloat(x).swapaxes(-1, -2))),
  convolve: (x, pick, other) => {
    if (x.size === 0 || x.size > large) return undefined;
    const image = asFloat(x).reshape([1, 1, -1, x.shape.at(-1) ?? 1]);
    const [h, w] = image.shape.slice(-2);
    const kernel = asFloat(other().x).reshape([other().x.size]);
    const size = [Math.min(h, 1 + pick(2)), Math.min(w, 1 + pick(3))] as const;
    const many = 2 * size[0] * size[1];
    const taken = Math.min(many, kernel.size);
    const filters = kernel
      .slice([0], [taken])
      .pad([[0, many - taken]], 1)
      .reshape([2, 1, ...size]);
    return conv2d(image, filters, { stride: 1 + pick(2), padding: pick(2) });
  },
};

/** Of exact values alone, for they jump. */
const jumpingOps: Readonly<Record<string, Apply>> = {
  toInt: (x) => x.astype("int32"),
  toBool: (x) => x.astype("bool"),
  where: (x, _, other) => where(fitted(other().x, x).astype("bool"), x, x.dtype === "bool" ? x : x.add(1)),
  take: (x, pick, other) => {
    if (x.ndim === 0 || x.size > large) return undefined;
    const axis = axisOf(x, pick);
    if (x.shape[axis] === 0 || other().x.size > 12) return undefined;
    const places = other().x.astype("int32").abs();
    const n = x.shape[axis];
    return x.take(
      places
        .sub(places.div(n).astype("int32").mul(n))
        .clip(0, n - 1)
        .astype("int32"),
      axis,
    );
  },
  argmax: (x, pick) => {
    const axis = axisOf(x, pick);
    return x.ndim === 0 || x.shape[axis] === 0 || x.dtype === "bool" ? undefined : x.argmax(axis);
  },
  sort: (x, pick) =>
    x.ndim === 0 || x.dtype === "bool" || x.size > large ? undefined : x.sort(axisOf(x, pick)),
};

/** Whose results sums and products round in some order. */
const roundedOps: Readonly<Record<string, Apply>> = {
  tanh: (x) => asFloat(x).tanh(),
  softmax: (x, pick) => (x.ndim === 0 ? undefined : asFloat(x).tanh().softmax(axisOf(x, pick))),
  variance: (x, pick) => {
    const axis = axisOf(x, pick);
    return x.ndim === 0 || x.shape[axis] === 0
      ? undefined
      : asFloat(x).tanh().variance(axis, { keepdims: true });
  },
};

const all = { ...exactOps, ...jumpingOps, ...roundedOps };

/** The next of `numbers`, over and over. */
function picking(numbers: readonly number[]): Pick {
  let next = 0;
  return (n) => numbers[next++ % numbers.length] % n;
}

function applied(
  { op, operands, choices, starts }: RandomStep,
  values: readonly Value[],
  time: number,
): Value | undefined {
  const operand = (k: number): Value => values[values.length - 1 - (operands[k] % values.length)];
  const used = [operand(0)];
  const other = (k = 1): Value => {
    used.push(operand(k));
    return operand(k);
  };
  const x = all[op](used[0].x, picking(choices), other, picking(starts[time]));
  const isExact = used.every((v) => v.isExact) && !(op in roundedOps);
  if (x === undefined || (op in jumpingOps && !used.every((v) => v.isExact))) return undefined;
  return { x, isExact };
}

function dataOf({ shape, dtype, seed }: RandomGraph["leaves"][number]): TypedArray {
  const data = arrayFor(dtype === "float16" ? "float32" : dtype, sizeOf(shape));
  const modulus = dtype === "bool" ? 2 : 9;
  for (let i = 0; i < data.length; i++) {
    const value = Math.imul(i + 1 + seed, 2654435761) >>> 16;
    data[i] = (value % modulus) - (dtype === "bool" || dtype === "uint32" ? 0 : 4);
  }
  return data;
}

interface Built {
  readonly leaves: readonly Node[];
  readonly roots: readonly Node[];
}

function build(graph: RandomGraph, device: Device, time: number, withValues: boolean): Built {
  return traced(() => {
    const leaves = graph.leaves.map((given) => {
      const node = makeNode(leaf, [], {}, device, given);
      if (withValues) settle(node, device.store(dataOf(given), given));
      return node;
    });
    const values: Value[] = leaves.map((node) => ({ x: new Tensor(node), isExact: true }));
    for (const step of graph.steps) {
      const value = applied(step, values, time);
      if (value !== undefined && value.x.size <= 4 * large) values.push(value);
    }
    const at = (k: number): Node => values[values.length - 1 - (k % values.length)].x.node;
    if (!graph.isProgram) for (const k of graph.kept) at(k).kept = true;
    return { leaves, roots: [...new Set([0, ...graph.roots].map(at))] };
  });
}

const reference = createCpuDevice();

/** Devices that share work differently. Each keeps its plans from graph to graph: those that need others have other keys. */
export const variants: readonly NumberTraits[] = [
  { lanes: 4, maxInputs: 7, longRow: 16 },
  { lanes: 2, maxInputs: 4, longRow: 6 },
  { lanes: 1, maxInputs: 3, longRow: 1e9 },
];

/** What a plan computes otherwise than the ops' own rules; undefined where they agree. */
export async function difference(
  graph: RandomGraph,
  devices: readonly Device[],
): Promise<string | undefined> {
  const device = devices[graph.device % devices.length];
  for (const time of graph.steps.some(({ op }) => op === "window") ? [0, 1] : [0]) {
    const said = await differenceAt(time, graph, device);
    if (said !== undefined) return said;
  }
  return undefined;
}

async function differenceAt(time: number, graph: RandomGraph, device: Device): Promise<string | undefined> {
  const exact = build(graph, reference, time, true);
  reference.realize(exact.roots);
  const found = build(graph, device, time, !graph.isProgram);
  await device.open();
  if (graph.isProgram) {
    const values = build(graph, device, time, true).leaves;
    const storages = device.compile(found.roots, found.leaves)(values);
    found.roots.forEach((node, i) => settle(node, storages[i]));
  } else device.realize(found.roots);
  for (const [i, root] of found.roots.entries()) {
    const [got, wanted] = [await device.read(root), await reference.read(exact.roots[i])];
    const said = firstDifference(got, wanted);
    if (said !== undefined) return `root ${i}, ${root.op.name} [${root.shape.join()}]: ${said}`;
  }
  return undefined;
}

function firstDifference(got: TypedArray, wanted: TypedArray): string | undefined {
  if (got.length !== wanted.length) return `${got.length} elements instead of ${wanted.length}`;
  const finite = Array.from(wanted, Math.abs).filter((x) => x < Infinity);
  const tolerance = 1e-9 * finite.reduce((a, b) => Math.max(a, b), 1);
  for (let i = 0; i < got.length; i++) {
    const isSame = Object.is(got[i], wanted[i]) || Math.abs(got[i] - wanted[i]) <= tolerance;
    if (!isSame) return `element ${i} is ${got[i]} instead of ${wanted[i]}`;
  }
  return undefined;
}

export const numberDevices = (): Device[] => variants.map((traits) => numberDevice(traits));

const lengths = fc.constantFrom(4, 1, 2, 3, 8, 5, 6, 0, 12);

export const randomGraphs: fc.Arbitrary<RandomGraph> = fc.record({
  leaves: fc.array(
    fc.record({
      shape: fc.array(lengths, { maxLength: 3 }).filter((shape) => sizeOf(shape) <= large),
      dtype: fc.constantFrom<DType>("float32", "int32", "uint32", "bool", "float64", "float16"),
      seed: fc.nat(20),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  steps: fc.array(
    fc.record({
      op: fc.constantFrom(...Object.keys(all)),
      operands: fc.tuple(fc.nat(3), fc.nat(7), fc.nat(7), fc.nat(7)),
      choices: fc.array(fc.nat(11), { minLength: 6, maxLength: 6 }),
      starts: fc.tuple(
        fc.tuple(fc.nat(11), fc.nat(11), fc.nat(11)),
        fc.tuple(fc.nat(11), fc.nat(11), fc.nat(11)),
      ),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  roots: fc.array(fc.nat(6), { maxLength: 2 }),
  kept: fc.array(fc.nat(6), { maxLength: 1 }),
  isProgram: fc.boolean(),
  device: fc.nat(variants.length - 1),
});

export interface Search {
  /** Graphs that were tried. */
  readonly runs: number;
  /** The smallest graph found for which a plan is wrong, and what is wrong; undefined where none was found. */
  readonly failure: string | undefined;
}

/** Tries random graphs for some seconds, or until a plan differs from the ops' rules, and shrinks the graph that it fails for. */
export async function findDifference({
  seconds,
  seed = Date.now(),
  shrinking = true,
}: {
  readonly seconds: number;
  readonly seed?: number;
  /** Whether the smallest graph is looked for, or any will do. */
  readonly shrinking?: boolean;
}): Promise<Search> {
  const devices = numberDevices();
  const holds = async (graph: RandomGraph): Promise<void> => {
    const said = await difference(graph, devices);
    if (said !== undefined) throw new Error(said);
  };
  let runs = 0;
  const property = fc.asyncProperty(randomGraphs, (graph) => {
    runs++;
    return holds(graph);
  });
  const end = performance.now() + 1000 * seconds;
  for (let round = 0; performance.now() < end; round++) {
    const details = await fc.check(property, { numRuns: 200, seed: seed + round, endOnFailure: !shrinking });
    if (details.failed) {
      return {
        runs,
        failure: `${String(details.errorInstance)} (seed ${seed + round}): ${JSON.stringify(details.counterexample)}`,
      };
    }
  }
  return { runs, failure: undefined };
}
