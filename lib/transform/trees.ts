/** Between trees of tensors, which users pass, and lists of nodes, which transformations rewrite. */
import type { Node } from "../graph/node";
import { makeNode } from "../graph/node";
import { leaf } from "../ops/define";
import { alias } from "../ops/stop";
import { fromNumbers } from "../tensor/create";
import type { Device } from "../tensor/device";
import { asTensor, deviceOf } from "../tensor/lift";
import { Tensor, traced, wrap, type TensorLike } from "../tensor/tensor";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import {
  flatten,
  isNested,
  formatStructure,
  leafPaths,
  sameStructure,
  unflatten,
  type Flat,
  type Structure,
} from "../util/trees";
import { isListOf } from "../util/checks";

/** What may stand for an argument that a function takes as `T`: where it takes a tensor, numbers and arrays too. */
export type Argument<T> = T extends Tensor ? TensorLike : T;
/** The arguments of a transformed function. */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> };

/** What comes back for an argument of type `T`: a tensor for whatever may stand for one. */
export type Given<T> = T extends TensorLike ? Tensor : T;

/** Which arguments a transformation is taken in: one, or several. */
export type ArgumentNumbers = number | readonly number[];

/** Numbers and nested arrays of them are tensors wherever a tensor may stand; other arrays are trees. */
function isLeafValue(x: unknown): x is TensorLike {
  return (
    x instanceof Tensor ||
    typeof x === "number" ||
    isNested(x, (element) => typeof element === "number" || typeof element === "boolean") ||
    (ArrayBuffer.isView(x) && !(x instanceof DataView))
  );
}

/** The tensors of a tree; numbers and arrays become tensors beside those that are. */
export function flattenTree(tree: unknown): Flat<Tensor> {
  return flattenTrees([tree])[0];
}

/** The same of several trees, of which one may have the tensors beside which the others' numbers go, as may `others`. */
export function flattenTrees(trees: readonly unknown[], others: readonly unknown[] = []): Flat<Tensor>[] {
  const flats = trees.map((tree) => flatten(tree, isLeafValue));
  const device = deviceOf([...flats.flatMap(({ leaves }) => leaves), ...others]);
  return flats.map(({ leaves, structure }) => ({
    leaves: leaves.map((x) => tensorOn(x, device)),
    structure,
  }));
}

function tensorOn(x: TensorLike, device: Device): Tensor {
  return x instanceof Tensor ? x : fromNumbers("tensor", "value", x, {}, device);
}

/** Only tensors are leaves: what else a function returns stays as it is. */
export function flattenTensors(tree: unknown): Flat<Tensor> {
  return flatten(tree, (x): x is Tensor => x instanceof Tensor);
}

export function unflattenTree(structure: Structure, nodes: readonly Node[]): unknown {
  return unflatten(structure, nodes.map(wrap));
}

/** The leaves of `tree`, which must have the structure and shapes of `like`. */
export function matchTree(where: string, name: string, tree: unknown, like: Flat<Tensor>): Node[] {
  const [{ leaves, structure }] = flattenTrees([tree], like.leaves);
  if (!sameStructure(structure, like.structure)) {
    refuse(
      where,
      `${name} must have the structure ${formatStructure(like.structure)}, got ${formatStructure(structure)}`,
    );
  }
  const paths = leafPaths(structure);
  return leaves.map((t, i) => {
    const wanted = like.leaves[i];
    if (!sameShape(t.shape, wanted.shape)) {
      const place = paths[i] ? ` at ${paths[i]}` : "";
      refuse(
        where,
        `${name} must have shape ${formatShape(wanted.shape)}${place}, got ${formatShape(t.shape)}`,
      );
    }
    return t.astype(wanted.dtype).node;
  });
}

/** A node to trace with that has no value. */
export function placeholder(like: {
  shape: Node["shape"];
  dtype: Node["dtype"];
  device: Node["device"];
}): Node {
  return makeNode(leaf, [], {}, like.device, { shape: like.shape, dtype: like.dtype });
}

export interface TracedCall {
  /** The nodes that stand for the leaves of the arguments `argnums`, in order. */
  readonly inputs: readonly Node[];
  /** For each of `argnums`, its leaves. */
  readonly given: readonly Flat<Tensor>[];
  readonly result: unknown;
}

/**
 * Calls `f`, following what is computed from the arguments `argnums`; refuses leaves that have no derivative. Arrays go to
 * the device of the tensors among the arguments, or among `beside`.
 */
export function trace(
  where: string,
  f: (...args: never) => unknown,
  args: readonly unknown[],
  argnums: readonly number[],
  beside: readonly unknown[] = [],
): TracedCall {
  const given = flattenTrees(
    argnums.map((n) => args[n]),
    [...args, ...beside],
  );
  const device = deviceOf([...given.flatMap(({ leaves }) => leaves), ...args]);
  given.forEach((flat, i) => checkFloats(where, argnums[i], flat));
  const inputs = given.map((flat) => flat.leaves.map((t) => alias(t.node)));
  // Arrays of numbers may stand for tensors; numbers stay, as they count, shape and scale as well.
  const passed = args.map((a) => (typeof a !== "number" && isLeafValue(a) ? tensorOn(a, device) : a));
  argnums.forEach(
    (n, i) =>
      (passed[n] = unflatten(
        given[i].structure,
        inputs[i].map((x) => new Tensor(x)),
      )),
  );
  const result = traced(() => f(...(passed as never)));
  if (result instanceof Promise) {
    refuse(where, "f must not be async: it builds an expression, whose value is read outside");
  }
  return { inputs: inputs.flat(), given, result };
}

function checkFloats(where: string, argnum: number, { leaves, structure }: Flat<Tensor>): void {
  if (leaves.length === 0) refuse(where, `argument ${argnum} holds no tensor to differentiate in`);
  const bad = leaves.findIndex((t) => !isFloat(t.dtype));
  if (bad < 0) return;
  const path = leafPaths(structure)[bad];
  refuse(
    where,
    `argument ${argnum}${path ? ` has ${path}` : " is"} of dtype ${leaves[bad].dtype}, which has no derivative; convert it with .astype("float32")`,
  );
}

/** The numbers of arguments, as a list of integers. */
export function checkNumbers(where: string, name: string, value: ArgumentNumbers): readonly number[] {
  const list = typeof value === "number" ? [value] : value;
  if (!isListOf(list, Number.isInteger)) {
    refuse(where, `${name} must be an integer or an array of them, got ${describe(value)}`);
  }
  return list;
}

/** `argnums` as a list, checked against the number of arguments. */
export function checkArgnums(where: string, argnums: ArgumentNumbers, count: number): number[] {
  const list = checkNumbers(where, "argnums", argnums);
  if (list.length === 0) refuse(where, "argnums must name at least one argument");
  return list.map((n) => {
    if (n < -count || n >= count) {
      refuse(where, `argnums ${describe(n)} is out of range for a call with ${count} arguments`);
    }
    return n < 0 ? n + count : n;
  });
}

/** The scalar that a function to be differentiated must return. */
export function checkScalar(where: string, value: unknown): Tensor {
  if (!(value instanceof Tensor) && typeof value !== "number") {
    refuse(where, `f must return a scalar tensor, got ${describe(value)}`);
  }
  const y = asTensor(where, "f", value);
  if (y.ndim !== 0)
    refuse(
      where,
      `f must return a scalar, got shape ${formatShape(y.shape)}; reduce it with .sum() or .mean()`,
    );
  if (!isFloat(y.dtype)) refuse(where, `f must return a float, got ${y.dtype}`);
  return y;
}

/** Tensors in plain objects and arrays, nested as one likes. */
export type TensorTree = Tensor | readonly TensorTree[] | { readonly [key: string]: TensorTree };

/** `fn` of the leaves that stand in one place of `tree` and of `others`, which must match it; in the tree's structure. */
export function mapTree<T>(
  where: string,
  fn: (...leaves: Tensor[]) => Tensor,
  tree: T,
  others: Readonly<Record<string, unknown>> = {},
): T {
  const flat = flattenTree(tree);
  const rest = Object.entries(others).map(([name, other]) => matchTree(where, name, other, flat).map(wrap));
  return unflatten(
    flat.structure,
    flat.leaves.map((leaf, i) => fn(leaf, ...rest.map((leaves) => leaves[i]))),
  ) as T;
}
