import { createHash } from "node:crypto";
import { fromData } from "../tensor/create";
import { defaultDevice, type Device } from "../tensor/device";
import { Tensor } from "../tensor/tensor";
import type { DType, TypedArray } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, type Shape } from "../util/shapes";
import { flatten, formatStructure, unflatten, type Flat } from "../util/trees";
import { reduceOps, type ReduceOp } from "./comm";
import { world } from "./world";

export interface AllReduceOptions {
  /** `sum` unless given; `mean` is over the ranks. */
  readonly op?: ReduceOp | "mean";
}

export interface BroadcastOptions {
  /** The rank whose values all get; 0 unless given. */
  readonly root?: number;
}

/** Numbers that travel together: what gradients of many small layers would lose in the time that each call takes. */
const bucketBytes = 4 << 20;

/** Which of the ranks this process is, from 0; 0 where there is one. */
export function rank(): number {
  return world().rank;
}

/** How many ranks there are. */
export function worldSize(): number {
  return world().size;
}

/** The device that this rank computes on. */
export function device(): Device {
  return defaultDevice();
}

/** Resolves when every rank has come here. */
export function barrier(): Promise<void> {
  return world().barrier();
}

/**
 * The tree of tensors and numbers with each replaced by its sum (or `op`) over the ranks, to the same bits on every
 * rank. All ranks give the same structure, shapes and dtypes; anything else is an error on all of them.
 */
export async function allReduce<T>(tree: T, options: AllReduceOptions = {}): Promise<T> {
  checkOptions("allReduce", options, ["op"]);
  const { op = "sum" } = options;
  if (op !== "mean" && !reduceOps.includes(op)) {
    refuse("allReduce", `op is ${describe(op)}, wanted one of ${[...reduceOps, "mean"].join(", ")}`);
  }
  const flat = flattenLeaves("allReduce", tree);
  if (op === "sum" || op === "mean" || op === "prod") refuseBooleans("allReduce", op, flat);
  const outline = outlineOf(flat, `, op ${op}`);
  return await exchange(flat, async (bucket) => {
    await world().allReduce(bucket, op === "mean" ? "sum" : op, outline);
    if (op === "mean") for (let i = 0; i < bucket.length; i++) bucket[i] /= world().size;
  });
}

/** The tree of the rank `root`, on every rank; the others give one of the same structure, shapes and dtypes. */
export async function broadcast<T>(tree: T, options: BroadcastOptions = {}): Promise<T> {
  checkOptions("broadcast", options, ["root"]);
  const { root = 0 } = options;
  const flat = flattenLeaves("broadcast", tree);
  const outline = outlineOf(flat);
  return await exchange(flat, (bucket) => world().broadcast(bucket, root, outline));
}

/** The trees of all ranks, in rank order. Shapes may differ from rank to rank, structures and dtypes may not. */
export async function allGather<T>(tree: T): Promise<T[]> {
  const { leaves, structure } = flattenLeaves("allGather", tree);
  const gathered: Leaf[][] = Array.from({ length: world().size }, () => []);
  const shapes = await gatherShapes(formatStructure(structure), leaves);
  for (const [index, leaf] of leaves.entries()) {
    const all = await world().allGather(await numbersOf(leaf));
    all.forEach((numbers, from) => gathered[from].push(rebuilt(leaf, numbers, shapes[from][index])));
  }
  return gathered.map((each) => unflatten(structure, each) as T);
}

type Leaf = Tensor | number;

function flattenLeaves(where: string, tree: unknown): Flat<Leaf> {
  const flat = flatten(tree, (x): x is Leaf => x instanceof Tensor || typeof x === "number");
  if (flat.leaves.length === 0) refuse(where, `there are no tensors or numbers in ${describe(tree)}`);
  return flat;
}

/** What must be the same on all ranks: structure, shapes and dtypes. */
function outlineOf({ leaves, structure }: Flat<Leaf>, more = ""): string {
  const each = leaves.map((leaf) =>
    typeof leaf === "number" ? "number" : `${leaf.dtype} ${formatShape(leaf.shape)}`,
  );
  const shown =
    each.length > mostOutlined ? [...each.slice(0, mostOutlined), `… ${fingerprint(each)}`] : each;
  return `${formatStructure(structure)} of ${shown.join(", ")}${more}`;
}

const mostOutlined = 200;

function fingerprint(lines: readonly string[]): string {
  return `${lines.length} in all, ${createHash("sha256").update(lines.join()).digest("hex").slice(0, 16)}`;
}

function refuseBooleans(where: string, op: string, { leaves }: Flat<Leaf>): void {
  if (leaves.every((leaf) => typeof leaf === "number" || leaf.dtype !== "bool")) return;
  refuse(where, `op ${op} takes no bool tensors; convert them with .astype("int32"), or take min or max`);
}

/** Packs leaves of one type into buckets, lets `work` change those, and unpacks. Reading goes on meanwhile. */
async function exchange<T>(
  { leaves, structure }: Flat<Leaf>,
  work: (bucket: TypedArray) => Promise<void>,
): Promise<T> {
  const reading = leaves.map(numbersOf);
  // What fails is told where it is awaited, which may be later.
  for (const each of reading) each.catch(() => undefined);
  const results: Leaf[] = [];
  for (let start = 0; start < leaves.length;) {
    const end = bucketEnd(leaves, start);
    const parts = await Promise.all(reading.slice(start, end));
    const bucket = end === start + 1 ? parts[0] : concatenated(parts);
    await work(bucket);
    let offset = 0;
    for (const leaf of leaves.slice(start, end)) {
      const length = sizeOfLeaf(leaf);
      results.push(rebuilt(leaf, bucket.subarray(offset, offset + length), shapeOf(leaf)));
      offset += length;
    }
    start = end;
  }
  return unflatten(structure, results) as T;
}

function bucketEnd(leaves: readonly Leaf[], start: number): number {
  const type = dtypeOf(leaves[start]);
  let bytes = 0;
  let end = start;
  while (end < leaves.length && dtypeOf(leaves[end]) === type) {
    bytes += 4 * sizeOfLeaf(leaves[end]);
    if (bytes > bucketBytes && end > start) break;
    end++;
  }
  return end;
}

function concatenated(parts: readonly TypedArray[]): TypedArray {
  const Type = parts[0].constructor as new (length: number) => TypedArray;
  const whole = new Type(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

async function numbersOf(leaf: Leaf): Promise<TypedArray> {
  return typeof leaf === "number" ? Float64Array.of(leaf) : leaf.data();
}

function rebuilt(leaf: Leaf, numbers: TypedArray, shape: Shape): Leaf {
  return typeof leaf === "number" ? numbers[0] : fromData(numbers, shape, leaf.dtype, leaf.device);
}

function dtypeOf(leaf: Leaf): DType {
  return typeof leaf === "number" ? "float64" : leaf.dtype;
}

function sizeOfLeaf(leaf: Leaf): number {
  return typeof leaf === "number" ? 1 : leaf.size;
}

function shapeOf(leaf: Leaf): Shape {
  return typeof leaf === "number" ? [] : leaf.shape;
}

interface Outline {
  readonly structure: string;
  readonly leaves: readonly { readonly dtype: DType; readonly shape: Shape }[];
}

/** The shapes of the leaves of each rank. */
async function gatherShapes(structure: string, leaves: readonly Leaf[]): Promise<Shape[][]> {
  const mine: Outline = {
    structure,
    leaves: leaves.map((leaf) => ({ dtype: dtypeOf(leaf), shape: shapeOf(leaf) })),
  };
  const texts = await world().allGather(new Uint8Array(Buffer.from(JSON.stringify(mine))));
  const outlines = texts.map((text) => JSON.parse(Buffer.from(text).toString()) as Outline);
  const dtypes = ({ leaves: each }: Outline) => each.map(({ dtype }) => dtype).join(", ");
  for (const [from, outline] of outlines.entries()) {
    const [first] = outlines;
    if (outline.structure === first.structure && dtypes(outline) === dtypes(first)) continue;
    refuse(
      "allGather",
      `the ranks do not agree: rank 0 gives ${first.structure} of ${dtypes(first)}, rank ${from} ${outline.structure} of ${dtypes(outline)}`,
    );
  }
  return outlines.map((outline) => outline.leaves.map(({ shape }) => shape));
}
