import { createHash } from "node:crypto";
import { valueAndGrad } from "../transform/grad";
import { zerosLike } from "../tensor/create";
import { slice } from "../tensor/shape";
import { blockUntilReady, Tensor } from "../tensor/tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { flatten, unflatten, type Flat } from "../util/trees";
import { allReduce, rank } from "./collectives";
import { sumAsHalves } from "./compress";
import { awaitsRanks, countingNothing } from "./psum";
import { shareOf } from "./shard";
import { world } from "./world";

export interface DataParallelOptions {
  /** In how many parts, one after the other, a rank's batch is worked off, to save memory; 1 unless given. */
  readonly accumulate?: number;
  /** Send gradients as float16: half the bytes, and an error that each step tells in `compressionError`. */
  readonly compression?: "float16";
  /** `loss` returns `[loss, aux]`; the float tensors of aux, such as batch norm's statistics, are averaged as well. */
  readonly hasAux?: boolean;
}

/** Means over the samples of all ranks. */
export interface DataParallelResult<P> {
  readonly loss: Tensor;
  /** In the structure and shapes of the parameters. */
  readonly grads: P;
  /** How many samples the ranks had, all together. */
  readonly count: number;
  /** ‖sent − exact‖ / ‖exact‖ of the gradients that the ranks sent, with `compression`. */
  readonly compressionError?: number;
}

type LossOf<P, B extends readonly unknown[]> = (params: P, ...batch: B) => Tensor;
type LossWithAux<P, B extends readonly unknown[], Aux> = (params: P, ...batch: B) => readonly [Tensor, Aux];
type StepOf<P, B extends readonly unknown[], R> = (params: P, ...batch: B) => Promise<R>;

/**
 * Data-parallel training (Goyal et al. 2017, "Accurate, Large Minibatch SGD"): a step that every rank calls with the
 * same parameters and its own part of a batch, and that gives all of them the loss and the gradients of the whole
 * batch. `loss(params, ...batch)` is the mean over the samples of its batch, which are the leading axis of the first
 * batch argument; what a rank contributes is weighted by how many it has, and one that has none contributes nothing.
 * What the loss itself sums over the ranks with `parallel.psum`, for batch norm, is differentiated through them.
 *
 * Throws an ArgumentError where ranks begin with different parameters (`parallel.broadcast` makes them the same), or
 * where batch tensors differ in their leading axis.
 */
export function dataParallel<P, B extends readonly unknown[]>(
  loss: LossOf<P, B>,
  options?: DataParallelOptions & { readonly hasAux?: false },
): StepOf<P, B, DataParallelResult<P>>;
export function dataParallel<P, B extends readonly unknown[], Aux>(
  loss: LossWithAux<P, B, Aux>,
  options: DataParallelOptions & { readonly hasAux: true },
): StepOf<P, B, DataParallelResult<P> & { readonly aux: Aux }>;
export function dataParallel<P, B extends readonly unknown[]>(
  loss: LossWithAux<P, B, unknown> | LossOf<P, B>,
  options: DataParallelOptions = {},
): StepOf<P, B, DataParallelResult<P> & { readonly aux?: unknown }> {
  const { accumulate, compression, hasAux } = checkDataParallel(loss, options);
  const withAux = (
    hasAux ? loss : (...args: [P, ...B]) => [(loss as LossOf<P, B>)(...args), undefined]
  ) as Loss;
  let isChecked = false;
  return async (params, ...batch) => {
    if (!isChecked) await checkSameEverywhere(params);
    isChecked = true;
    const local = await localSums(withAux, params, batch, accumulate);
    const sums = compression === undefined ? await allReduce(local) : await compressed(local);
    const { count } = sums;
    if (count === 0) refuse(where, "no rank has a sample in this batch");
    const mean = <T>(tree: T): T => mapTensors(tree, (sum) => (isFloating(sum) ? sum.div(count) : sum));
    const { loss: total, compressionError } = sums;
    const means = { loss: total.div(count), grads: mean(sums.grads) as P, count, compressionError };
    return hasAux ? { ...means, aux: mean(sums.aux) } : means;
  };
}

const where = "dataParallel";

type Loss = (params: unknown, ...batch: readonly unknown[]) => readonly [Tensor, unknown];

interface Sums {
  readonly loss: Tensor;
  readonly grads: unknown;
  readonly aux: unknown;
  readonly count: number;
  readonly compressionError?: number;
}

function checkDataParallel(loss: unknown, options: DataParallelOptions) {
  if (typeof loss !== "function") refuse(where, `loss must be a function, got ${describe(loss)}`);
  checkOptions(where, options, ["accumulate", "compression", "hasAux"]);
  const { accumulate = 1, compression, hasAux = false } = options;
  if (!Number.isInteger(accumulate) || accumulate < 1) {
    refuse(where, `accumulate must be a whole number from 1, got ${describe(accumulate)}`);
  }
  if (compression !== undefined && compression !== "float16") {
    refuse(where, `compression must be "float16", got ${describe(compression)}`);
  }
  return { accumulate, compression, hasAux };
}

/** Sums over this rank's samples. Those that need no other ranks' values are not computed yet. */
async function localSums(
  loss: Loss,
  params: unknown,
  batch: readonly unknown[],
  accumulate: number,
): Promise<Sums> {
  const samples = flattenTensors(batch);
  const count = countSamples(batch);
  // As many parts on all ranks, for what these do together in each.
  const parts = Array.from({ length: accumulate }, (_, part) => shareOf(count, part, accumulate));
  const sums = parts.map(([start, end]) =>
    start === end
      ? countingNothing(() => sumsOf(loss, params, standIn(samples, count), 0))
      : sumsOf(loss, params, cut(samples, count, start, end), end - start),
  );
  const { leaves } = flattenTensors(sums);
  // One after the other, so that the ranks come to each of their sums in the same order.
  if (awaitsRanks(leaves)) await blockUntilReady(leaves);
  const own = sums.filter((each) => each.count > 0);
  return own.length > 0 ? own.reduce(addSums) : mapTensors(sums[0], zerosLike);
}

/** The loss is weighted before it is differentiated: what comes back from other ranks then has their weights. */
function sumsOf(loss: Loss, params: unknown, batch: readonly unknown[], count: number): Sums {
  // Not by 0, which would leave out of the graph what the ranks do together.
  const weighted = (x: Tensor) => (isFloating(x) ? x.mul(Math.max(count, 1)) : x);
  const lossOf = (p: unknown) => {
    const [value, aux] = loss(p, ...batch);
    return [weighted(value), aux] as const;
  };
  const differentiate = valueAndGrad(lossOf as (p: Tensor) => readonly [Tensor, unknown], { hasAux: true });
  const [[value, aux], grads] = differentiate(params as Tensor);
  return { loss: value, grads, aux: mapTensors(aux, weighted), count };
}

function addSums(a: Sums, b: Sums): Sums {
  const other = flattenTensors(b).leaves;
  const { leaves, structure } = flattenTensors(a);
  const tensors = leaves.map((x, i) => (isFloating(x) ? x.add(other[i]) : x));
  return { ...(unflatten(structure, tensors) as Sums), count: a.count + b.count };
}

/** A sample where there is none: its loss has the shapes, and joins in what the ranks do together, but counts for nothing. */
function standIn({ leaves, structure }: Flat<Tensor>, count: number): readonly unknown[] {
  const one = (x: Tensor) => (x.ndim > 0 && x.shape[0] === count ? zerosOf([1, ...x.shape.slice(1)], x) : x);
  return unflatten(structure, leaves.map(one)) as unknown[];
}

function zerosOf(shape: readonly number[], like: Tensor): Tensor {
  return zerosLike(like).sum().broadcastTo(shape).astype(like.dtype);
}

function countSamples(batch: readonly unknown[]): number {
  const [first] = batch;
  const { leaves } = flattenTensors(first);
  const counts = leaves.filter(({ ndim }) => ndim > 0).map(({ shape }) => shape[0]);
  if (counts.length === 0) {
    refuse(
      where,
      `the first batch argument must be a tensor (or a tree) with the samples along axis 0, got ${describe(first)}`,
    );
  }
  const odd = counts.find((count) => count !== counts[0]);
  if (odd !== undefined) refuse(where, `batch tensors have ${counts[0]} and ${odd} samples`);
  return counts[0];
}

function cut(
  { leaves, structure }: Flat<Tensor>,
  count: number,
  start: number,
  end: number,
): readonly unknown[] {
  const isAll = start === 0 && end === count;
  const part = (x: Tensor) => (x.ndim > 0 && x.shape[0] === count ? slice(x, [start], [end]) : x);
  return unflatten(structure, isAll ? leaves : leaves.map(part)) as unknown[];
}

/** Gradients as halves; all else as it is. */
async function compressed(local: Sums): Promise<Sums> {
  const { grads, ...rest } = local;
  const { leaves, structure } = flattenTensors(grads);
  const { sums, error } = await sumAsHalves(leaves);
  return { ...(await allReduce(rest)), grads: unflatten(structure, sums), compressionError: error };
}

/** Ranks that begin apart would stay apart, and train as many models. */
async function checkSameEverywhere(params: unknown): Promise<void> {
  const hash = createHash("sha256");
  for (const leaf of flattenTensors(params).leaves) {
    const { buffer, byteOffset, byteLength } = await leaf.data();
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const all = await world().allGather(new Uint8Array(hash.digest()));
  const odd = all.findIndex((each) => Buffer.compare(each, all[0]) !== 0);
  if (odd === -1) return;
  const who = rank() === odd ? "this rank's" : `rank ${odd}'s`;
  refuse(where, `${who} parameters are not rank 0's; begin with params = await parallel.broadcast(params)`);
}

function flattenTensors(tree: unknown): Flat<Tensor> {
  return flatten(tree, (x): x is Tensor => x instanceof Tensor);
}

function mapTensors<T>(tree: T, f: (x: Tensor) => Tensor): T {
  const { leaves, structure } = flattenTensors(tree);
  return unflatten(structure, leaves.map(f)) as T;
}

function isFloating({ dtype }: Tensor): boolean {
  return dtype.startsWith("float");
}
