import type { Node } from "../graph/node";
import { wrap } from "../tensor/tensor";
import { checkFunction } from "../util/checks";
import { describe, refuse } from "../util/errors";
import type { Flat } from "../util/trees";
import type { Tensor } from "../tensor/tensor";
import { batchNodes, jvpNodes, orZeros, transposeNodes } from "./nodes";
import {
  flattenTensors,
  flattenTree,
  matchTree,
  placeholder,
  trace,
  unflattenTree,
  type Arguments,
  type Given,
} from "./trees";

/** A cotangent for each argument. */
export type Pulled<A extends readonly unknown[]> = { -readonly [K in keyof A]: Given<A[K]> };

interface Linearized {
  readonly given: readonly Flat<Tensor>[];
  readonly outputs: Flat<Tensor>;
  /** Placeholders of the inputs' tangents, and the outputs' tangents as functions of them. */
  readonly tangents: readonly Node[];
  readonly linear: readonly (Node | undefined)[];
}

function linearizeAt(where: string, f: (...args: never) => unknown, primals: readonly unknown[]): Linearized {
  checkFunction(where, f);
  const { inputs, given, result } = trace(
    where,
    f,
    primals,
    primals.map((_, i) => i),
  );
  const outputs = flattenTensors(result);
  const tangents = inputs.map(placeholder);
  const linear = jvpNodes(
    outputs.leaves.map((t) => t.node),
    inputs,
    tangents,
  );
  return { given, outputs, tangents, linear };
}

function outputTree(outputs: Flat<Tensor>): unknown {
  return unflattenTree(
    outputs.structure,
    outputs.leaves.map((t) => t.node),
  );
}

/**
 * The value of `f` and its derivative along `tangents`: `[y, ẏ]`. `primals` is the array of arguments, `tangents` one
 * of the same structure and shapes. Costs about as much as calling `f` twice more.
 */
export function jvp<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  primals: Arguments<A>,
  tangents: Arguments<A>,
): [Y, Y] {
  checkFunction("jvp", f);
  checkList("jvp", "primals", primals);
  checkList("jvp", "tangents", tangents);
  return pushforward("jvp", f, primals, tangents, (i) => `tangents[${i}]`) as [Y, Y];
}

/** As `jvp`, for `where`, which calls the tangents by `nameOf`. */
export function pushforward(
  where: string,
  f: (...args: never) => unknown,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  nameOf: (i: number) => string,
): [unknown, unknown] {
  const { inputs, given, result } = trace(
    where,
    f,
    primals,
    Array.from(primals, (_, i) => i),
    tangents,
  );
  const outputs = flattenTensors(result);
  const along = tangentNodes(where, tangents, given, nameOf);
  const nodes = outputs.leaves.map((t) => t.node);
  const dots = jvpNodes(nodes, inputs, along).map((t, i) => orZeros(t, nodes[i]));
  return [outputTree(outputs), unflattenTree(outputs.structure, dots)];
}

function checkList(where: string, name: string, value: unknown): void {
  if (!Array.isArray(value))
    refuse(where, `${name} must be the array of f's arguments, got ${describe(value)}`);
}

function tangentNodes(
  where: string,
  tangents: readonly unknown[],
  given: readonly Flat<Tensor>[],
  nameOf = (i: number) => `tangents[${i}]`,
): Node[] {
  if (tangents.length !== given.length) {
    refuse(
      where,
      `tangents must hold an entry for each of the ${given.length} arguments, got ${tangents.length}`,
    );
  }
  return given.flatMap((flat, i) => matchTree(where, nameOf(i), tangents[i], flat));
}

/**
 * The value of `f` and its transposed derivative: `[y, pullback]`, where `pullback(cotangent)` gives an array with the
 * cotangent of each argument. `f` is run once, `pullback` as often as one likes.
 */
export function vjp<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  ...primals: Arguments<A>
): [Y, (cotangent: Y) => Pulled<A>] {
  const { given, outputs, tangents, linear } = linearizeAt("vjp", f, primals);
  const back = (cotangent: Y): Pulled<A> => {
    const cts = matchTree("vjp", "cotangent", cotangent, outputs);
    const found = transposeNodes(linear, tangents, cts).map((ct, i) => orZeros(ct, tangents[i]));
    let next = 0;
    const trees = given.map(({ structure, leaves }) =>
      unflattenTree(
        structure,
        leaves.map(() => found[next++]),
      ),
    );
    return trees as unknown as Pulled<A>;
  };
  return [outputTree(outputs) as Y, back];
}

/**
 * The value of `f` and its derivative as a linear function: `[y, pushforward]`, where `pushforward(...tangents)` gives
 * the derivative along them. `f` is run once.
 */
export function linearize<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  ...primals: Arguments<A>
): [Y, (...tangents: Arguments<A>) => Y] {
  const { given, outputs, tangents, linear } = linearizeAt("linearize", f, primals);
  const forward = (...along: Arguments<A>): Y => {
    const values = tangentNodes("linearize", along, given);
    const like = outputs.leaves.map((t) => t.node);
    return unflattenTree(outputs.structure, substituteNodes(linear, tangents, values, like)) as Y;
  };
  return [outputTree(outputs) as Y, forward];
}

/** `outputs` with `values` in place of the placeholders `inputs`: a batch of one, without the batch. */
function substituteNodes(
  outputs: readonly (Node | undefined)[],
  inputs: readonly Node[],
  values: readonly Node[],
  like: readonly Node[],
): Node[] {
  const there = outputs.filter((n) => n !== undefined);
  const batches = values.map((v) => flattenTree(wrap(v).expandDims(0)).leaves[0].node);
  const found = batchNodes(there, inputs, batches);
  let next = 0;
  return outputs.map((n, i) => {
    if (n === undefined) return orZeros(undefined, like[i]);
    const { node, batched } = found[next++];
    return batched ? wrap(node).squeeze(0).node : node;
  });
}
