import type { Transform } from "../augment";
import { oneHot } from "../nn/functional";
import { random, tensor, Tensor } from "../tensor";
import { checkKey } from "../tensor/lift";
import { flattenTensors } from "../transform/trees";
import { checkWhole } from "../util/checks";
import { isFloat } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import { leafPaths, unflatten } from "../util/trees";
import { generator, shuffled } from "./shuffle";

/** Samples that are made when they are asked for, such as files that are read. */
export interface Source<B> {
  /** How many samples there are. */
  readonly length: number;
  /** The samples at `indices` as one batch. */
  batch(indices: Int32Array): Promise<B> | B;
}

/** Where a loader stands: plain numbers, to be saved. */
export interface Position {
  /** Epochs done. */
  readonly epoch: number;
  /** Batches of the present epoch that were given. */
  readonly batch: number;
}

export interface LoaderOptions<B> {
  readonly batchSize: number;
  /** A random key: each epoch has an order of its own. In order unless given. */
  readonly shuffle?: Tensor;
  /**
   * What is done to each batch on its device: a transform of `augment`, which changes the images (and the labels, if it
   * mixes samples), or a function of the batch and a random key.
   */
  readonly transform?: Transform | ((batch: B, key: Tensor) => B);
  /** Leave out the last batch of an epoch if it is smaller than the others. */
  readonly dropLast?: boolean;
  /** Where to go on; see `Loader.position`. */
  readonly position?: Position;
}

type Settings = Pick<LoaderOptions<unknown>, "batchSize" | "shuffle" | "dropLast" | "position">;

const optionNames = ["batchSize", "shuffle", "transform", "dropLast", "position"];

/** Batches of a dataset; iterating goes through one epoch. See `loader`. */
export class Loader<B> implements AsyncIterable<B> {
  /** Batches in an epoch. */
  readonly length: number;
  readonly batchSize: number;
  private at: Position;

  /** @internal */
  constructor(
    /** How many samples there are. */
    private readonly count: number,
    private readonly settings: Settings,
    /** Makes the batch of a position from the samples at `indices`. */
    private readonly make: (indices: Int32Array, at: Position) => Promise<B>,
  ) {
    const { batchSize, dropLast, position } = settings;
    this.batchSize = batchSize;
    this.length = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
    this.at = position ?? { epoch: 0, batch: 0 };
  }

  /** Where the next batch comes from. A loader made with it goes on there, with the same batches. */
  get position(): Position {
    return this.at;
  }

  /** Goes to a position. */
  seek(position: Position): void {
    this.at = checkPosition(position);
  }

  /** The batches that are left of this epoch. The next one is made while its predecessor is used. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    const { epoch } = this.at;
    const order = await this.orderOf(epoch);
    try {
      let next = this.batchAt(order, this.at);
      while (next !== undefined) {
        const batch = await next;
        this.at = { epoch, batch: this.at.batch + 1 };
        next = this.batchAt(order, this.at);
        next?.catch(() => undefined); // said when its turn comes
        yield batch;
      }
    } finally {
      this.at = { epoch: epoch + 1, batch: 0 };
    }
  }

  private async orderOf(epoch: number): Promise<Int32Array> {
    const order = Int32Array.from({ length: this.count }, (_, i) => i);
    if (!this.settings.shuffle) return order;
    const seed = await random.bits(random.foldIn(this.settings.shuffle, epoch), [1]).item();
    return Int32Array.from(shuffled(Array.from(order), generator(seed)));
  }

  private batchAt(order: Int32Array, at: Position): Promise<B> | undefined {
    if (at.batch >= this.length) return undefined;
    const start = at.batch * this.batchSize;
    return this.make(order.slice(start, start + this.batchSize), at);
  }
}

/**
 * Batches of `dataset` as an async iterable: `for await (const { images, labels } of loader(digits, { batchSize: 32 }))`
 * is one epoch. The dataset is a tree of tensors with one entry a sample along axis 0 (scalars and what else it holds, each
 * batch holds too), or a `Source`. Refuses tensors that differ in length.
 */
export function loader<B>(dataset: B | Source<B>, options: LoaderOptions<B>): Loader<B> {
  checkOptions("loader", options ?? {}, optionNames);
  const source = isSource(dataset) ? dataset : inMemory(dataset);
  const { batchSize, shuffle, transform, position } = options;
  checkWhole("loader", "batchSize", batchSize, 1);
  if (shuffle !== undefined) checkKey("loader", shuffle, "shuffle");
  if (options.dropLast && batchSize > source.length) {
    refuse("loader", `batchSize ${batchSize} with dropLast leaves no batch of ${source.length} samples`);
  }
  if (transform !== undefined && typeof transform !== "function" && typeof transform.apply !== "function") {
    refuse("loader", `transform must be a function or a transform of augment, got ${describe(transform)}`);
  }
  if (position !== undefined) checkPosition(position);
  const change = changeOf(options);
  return new Loader(source.length, options, async (indices, at) => change(await source.batch(indices), at));
}

function changeOf<B>({ transform, shuffle }: LoaderOptions<B>): (batch: B, at: Position) => B {
  if (transform === undefined) return (batch) => batch;
  return (batch, at) => {
    const key = random.foldIn(random.foldIn(shuffle ?? random.key(0), at.epoch), at.batch + 1);
    return typeof transform === "function" ? transform(batch, key) : transformed(transform, batch, key);
  };
}

function checkPosition(position: Position): Position {
  const { epoch, batch } = position ?? {};
  if ([epoch, batch].every((n) => Number.isInteger(n) && n >= 0)) return { epoch, batch };
  return refuse(
    "loader",
    `position must be {epoch, batch}, as Loader.position gives it, got ${describe(position)}`,
  );
}

function isSource<B>(dataset: B | Source<B>): dataset is Source<B> {
  const { length, batch } = (dataset ?? {}) as Partial<Source<B>>;
  return typeof length === "number" && typeof batch === "function";
}

/** A tree of tensors whose samples are along axis 0; scalars go with every batch. */
function inMemory<B>(dataset: B): Source<B> {
  const { leaves, structure } = flattenTensors(dataset);
  const first = leaves.find((t) => t.ndim > 0);
  if (first === undefined) {
    return refuse("loader", `dataset must hold tensors with an axis of samples, got ${describe(dataset)}`);
  }
  const [length] = first.shape;
  const odd = leaves.findIndex((t) => t.ndim > 0 && t.shape[0] !== length);
  if (odd !== -1) {
    const paths = leafPaths(structure);
    refuse(
      "loader",
      `dataset must have one length along axis 0: ${paths[odd]} has ${leaves[odd].shape[0]} samples, but ${paths[leaves.indexOf(first)]} has ${length}`,
    );
  }
  if (length === 0) refuse("loader", "dataset holds no samples");
  return {
    length,
    batch(indices) {
      const at = tensor(indices).to(first.device);
      return unflatten(
        structure,
        leaves.map((t) => (t.ndim > 0 ? t.take(at, 0) : t)),
      ) as B;
    },
  };
}

/** The batch with its images, and where samples are mixed its labels, transformed by one draw. */
function transformed<B>(transform: Transform, batch: B, key: Tensor): B {
  const { images, labels, classes } = batch as { images?: unknown; labels?: unknown; classes?: unknown };
  if (!(images instanceof Tensor)) {
    return refuse("loader", `a transform of augment needs batches with images, got ${describe(batch)}`);
  }
  const params = transform.sample(key, images.shape);
  const changed = { ...batch, images: transform.apply(params, images) };
  if (!transform.labels || !(labels instanceof Tensor)) return changed;
  if (isFloat(labels.dtype)) return { ...changed, labels: transform.labels(params, labels) };
  const given = oneHot(labels, Array.isArray(classes) ? classes.length : 1);
  const mixed = transform.labels(params, given);
  if (mixed === given) return changed;
  if (!Array.isArray(classes)) {
    refuse("loader", "a transform that mixes labels needs probabilities, or class names under `classes`");
  }
  return { ...changed, labels: mixed };
}
