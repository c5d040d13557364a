import { isRealized, makeNode, topological, type Device, type Node, type Program } from "../graph/node";
import { leaf } from "../ops/define";
import { isTracing, Tensor, traced } from "../tensor/tensor";
import { checkFunction, checkWhole } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { Recent } from "../util/recent";
import { unflatten, type Flat, type Structure } from "../util/trees";
import { callKeys } from "./keys";
import {
  checkNumbers,
  flattenTensors,
  flattenTrees,
  placeholder,
  unflattenTree,
  type ArgumentNumbers,
  type Arguments,
} from "./trees";

export interface JitOptions {
  /** Arguments that are compiled in: plain values, which select a program of their own. */
  readonly staticArgnums?: ArgumentNumbers;
}

interface Compiled {
  /** Undefined where `f` is to be called as it is. */
  readonly program: Program | undefined;
  readonly structure: Structure;
  /** The results' shapes and dtypes. */
  readonly outputs: readonly Node[];
}

/** Programs of one function that are kept, each for its shapes. */
const mostPrograms = 512;

/**
 * `f` compiled: it is called once for each combination of shapes, dtypes and static arguments, and its program is then
 * replayed without building the expression again. What `f` reads beside its arguments is taken as it is at that first
 * call, as in JAX; pass what changes as an argument. Inside another transformation `f` is called as it is.
 */
export function jit<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: JitOptions = {},
): (...args: Arguments<A>) => Y {
  checkFunction("jit", f);
  checkOptions("jit", options, ["staticArgnums"]);
  const { staticArgnums = [] } = options;
  const isStatic = new Set(checkNumbers("jit", "staticArgnums", staticArgnums));
  for (const n of isStatic) checkWhole("jit", "staticArgnums", n, 0);
  const compiled = new Recent<string, Compiled>(mostPrograms);
  const keyOf = callKeys("jit");
  return (...args) => {
    const dynamic = flattenTrees(args.filter((_, i) => !isStatic.has(i)));
    const flats = args.map((_, i) => (isStatic.has(i) ? undefined : dynamic.shift()));
    const tensors = flats.flatMap((flat) => flat?.leaves ?? []);
    const device = commonDevice(tensors);
    if (isTracing() || !device?.isOpen || !realizeAll(device, tensors))
      return callInline(f as (...args: never) => Y, args, flats);
    const key = `${device.name} ${keyOf(args, flats)}`;
    let entry = compiled.get(key);
    if (entry === undefined) compiled.add(key, (entry = compile(f, args, flats, device)));
    if (entry.program === undefined) return callInline(f as (...args: never) => Y, args, flats);
    const storages = entry.program(tensors.map((t) => t.node));
    const results = entry.outputs.map((like, i) => {
      const node = makeNode(leaf, [], {}, device, like);
      node.storage = storages[i];
      return node;
    });
    return unflattenTree(entry.structure, results) as Y;
  };
}

function commonDevice(tensors: readonly Tensor[]): Device | undefined {
  const device = tensors[0]?.device;
  return tensors.every((t) => t.device === device) ? device : undefined;
}

/** Computes what the arguments still need; false where one stands for a value that is not known. */
function realizeAll(device: Device, tensors: readonly Tensor[]): boolean {
  const pending = tensors.map((t) => t.node).filter((n) => !isRealized(n));
  if (pending.length === 0) return true;
  const unknown = topological(pending, isRealized).some(
    (n) => !isRealized(n) && (n.op.lowering.kind === "leaf" || n.op.lowering.kind === "host"),
  );
  if (!unknown) device.realize(pending);
  return !unknown;
}

function callInline<Y>(
  f: (...args: never) => Y,
  args: readonly unknown[],
  flats: readonly (Flat<Tensor> | undefined)[],
): Y {
  const passed = args.map((a, i) => (flats[i] ? unflatten(flats[i].structure, flats[i].leaves) : a));
  const result = flattenTensors(traced(() => f(...(passed as never))));
  return unflattenTree(
    result.structure,
    result.leaves.map((t) => t.node),
  ) as Y;
}

function compile(
  f: (...args: never) => unknown,
  args: readonly unknown[],
  flats: readonly (Flat<Tensor> | undefined)[],
  device: Device,
): Compiled {
  const inputs = flats.map((flat) => flat?.leaves.map((t) => placeholder(t.node)));
  const passed = args.map((a, i) => {
    const flat = flats[i];
    return flat
      ? unflatten(
          flat.structure,
          inputs[i]!.map((n) => new Tensor(n)),
        )
      : a;
  });
  const result = traced(() => f(...(passed as never)));
  if (result instanceof Promise)
    refuse("jit", "f must not be async: its program is recorded while it builds its result");
  const { leaves, structure } = flattenTensors(result);
  const outputs = leaves.map((t) => t.node);
  const placeholders = inputs.flatMap((list) => list ?? []);
  // A program cannot stop midway for an op that runs on the host.
  const usesHost = topological(outputs, isRealized).some(
    (n) => !isRealized(n) && n.op.lowering.kind === "host",
  );
  if (!usesHost) hoist(outputs, placeholders, device);
  return {
    program: usesHost ? undefined : device.compile(outputs, placeholders),
    structure,
    outputs: outputs.map(({ shape, dtype }) => placeholder({ shape, dtype, device })),
  };
}

/** Computes once what `f` uses from outside, rather than at each call. */
function hoist(outputs: readonly Node[], inputs: readonly Node[], device: Device): void {
  const first = Math.min(...inputs.map((n) => n.id));
  const outer = topological(outputs, (n) => isRealized(n) || n.id < first).filter(
    (n) => n.storage === undefined && n.id < first && n.op.lowering.kind !== "scalar",
  );
  if (outer.length > 0) device.realize(outer);
}
