/** A scalar function at a point, as curvature sees it: of a flat vector, averaged over batches, on one device. */
import type { Device } from "../graph/node";
import type { Vector } from "../linalg/vectors";
import { eye, fromData } from "../tensor/create";
import { withDevice } from "../tensor/device";
import type { Tensor } from "../tensor/tensor";
import { concatenate } from "../tensor/shape";
import { hessian, hvp } from "../transform/jacobian";
import { valueAndGrad } from "../transform/grad";
import { jit } from "../transform/jit";
import { jvp, vjp } from "../transform/jvp";
import { vmap } from "../transform/vmap";
import { checkScalar, flattenTree, type Argument } from "../transform/trees";
import { checkFunction } from "../util/checks";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { breathe } from "../linalg/breathe";
import { sizeOf, type Shape } from "../util/shapes";
import { leafPaths, unflatten, type Structure } from "../util/trees";
import { collectBatches, type Batch, type Batches } from "./batches";

/** A model in two: its outputs, and the loss of these, which the Gauss–Newton matrix needs apart. */
export interface SplitFunction<X> {
  readonly outputs: (x: X, batch: never) => unknown;
  readonly loss: (outputs: never, batch: never) => Tensor;
}

/** A scalar function of a tensor or a tree; with data, of that and a batch, over which it is a mean. It may carry its split. */
export type ScalarFunction<X> = ((x: X, batch: never) => Tensor) & Partial<SplitFunction<X>>;

export interface DataOptions {
  /** f is then `(x, batch) => mean loss`, and is averaged over the batches, weighted by their leading axes. */
  readonly data?: Batches;
}

type Leaves = readonly Tensor[];

export interface Parts {
  readonly loss: (leaves: Leaves, batch: unknown) => Tensor;
  /** The model's outputs and their loss, where f comes in two. */
  readonly split?: {
    readonly outputs: (leaves: Leaves, batch: unknown) => unknown;
    readonly loss: (outputs: unknown, batch: unknown) => Tensor;
  };
}

export interface Objective {
  readonly parts: Parts;
  readonly leaves: Leaves;
  readonly structure: Structure;
  /** The path of each leaf in the tree; empty for a single tensor. */
  readonly paths: readonly string[];
  readonly shapes: readonly Shape[];
  readonly size: number;
  readonly device: Device;
  readonly batches: readonly Batch[] | Promise<readonly Batch[]>;
}

export function isSplit<X>(f: ScalarFunction<X> | SplitFunction<X>): f is SplitFunction<X> {
  return typeof f?.outputs === "function" && typeof f.loss === "function";
}

/** `f` at `x`. Refuses what is no function, and points that hold no floats. */
export function objectiveOf<X>(
  where: string,
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  { data }: DataOptions,
): Objective {
  const { leaves, structure } = flattenTree(x);
  if (leaves.length === 0) refuse(where, `x must be a tensor or a tree of tensors, got ${describe(x)}`);
  const paths = leafPaths(structure);
  const bad = leaves.findIndex((t) => !isFloat(t.dtype));
  if (bad >= 0)
    refuse(
      where,
      `x${paths[bad] ? `.${paths[bad]}` : ""} must be of a float dtype, got ${leaves[bad].dtype}`,
    );
  return {
    parts: partsOf(where, f, structure),
    leaves,
    structure,
    paths,
    shapes: leaves.map((t) => t.shape),
    size: leaves.reduce((n, t) => n + t.size, 0),
    device: leaves[0].device,
    batches: collectBatches(where, data),
  };
}

function partsOf<X>(where: string, f: ScalarFunction<X> | SplitFunction<X>, structure: Structure): Parts {
  const tree = (leaves: Leaves): X => unflatten(structure, leaves) as X;
  const split = isSplit(f)
    ? {
        outputs: (leaves: Leaves, batch: unknown) => f.outputs(tree(leaves), batch as never),
        loss: (outputs: unknown, batch: unknown) =>
          checkScalar(where, f.loss(outputs as never, batch as never)),
      }
    : undefined;
  if (typeof f === "function") {
    return { loss: (leaves, batch) => checkScalar(where, f(tree(leaves), batch as never)), split };
  }
  if (split !== undefined)
    return { loss: (leaves, batch) => split.loss(split.outputs(leaves, batch), batch), split };
  checkFunction(where, f);
  return refuse(where, "f must be a function");
}

/** Views of the flat vector `v` in the shapes of the leaves. */
export function leavesOf({ shapes }: Pick<Objective, "shapes">, v: Tensor): Tensor[] {
  let start = 0;
  return shapes.map((shape) => {
    const from = start;
    start += sizeOf(shape);
    return v.slice([from], [start]).reshape(shape);
  });
}

/** A tensor [n] of a vector of the host, where the objective is computed. */
export function onDevice({ device }: Objective, v: Vector): Tensor {
  return fromData(v, [v.length], device.floatType, device);
}

/** A vector of the host, of the objective's precision. */
export function emptyVector({ device, size }: Objective): Vector {
  return device.floatType === "float64" ? new Float64Array(size) : new Float32Array(size);
}

export async function readLeaves(objective: Objective, leaves: Leaves): Promise<Vector> {
  const vector = emptyVector(objective);
  let start = 0;
  for (const leaf of leaves) {
    vector.set(await leaf.data(), start);
    start += leaf.size;
  }
  return vector;
}

/** The mean over batches of what `program` gives for each. */
export async function averaged({ batches }: Objective, program: (batch: unknown) => Leaves): Promise<Leaves> {
  await breathe();
  return weightedSum(await batches, program);
}

export function weightedSum(batches: readonly Batch[], program: (batch: unknown) => Leaves): Leaves {
  const terms = batches.map(({ value, weight }) =>
    program(value).map((t) => (weight === 1 ? t : t.mul(weight))),
  );
  return terms.reduce((sum, term) => sum.map((t, i) => t.add(term[i])));
}

/** Values, gradients and Hessians of an objective at any vector, compiled once. */
export interface Evaluations {
  readonly value: (x: Vector) => Promise<number>;
  readonly valueAndGradient: (x: Vector) => Promise<{ value: number; gradient: Vector }>;
  readonly product: (x: Vector, v: Vector) => Promise<Vector>;
  /** Rows of the Hessian. */
  readonly hessian: (x: Vector) => Promise<Vector[]>;
  readonly gaussNewtonProduct: (x: Vector, v: Vector) => Promise<Vector>;
  /** Rows of the Gauss–Newton matrix; of an objective in two parts alone. */
  readonly gaussNewton: (x: Vector) => Promise<Vector[]>;
}

/** The product of a matrix of second derivatives at `x`, for one batch, with the tangents `along`. */
export type Product = (leaves: Tensor[], along: Tensor[], batch: unknown) => Tensor[];

export function hessianProduct({ parts }: Objective): Product {
  return (x, v, batch) => hvp((leaves: Tensor[]) => parts.loss(leaves, batch), x, v);
}

export function gaussNewtonProduct({ parts }: Objective): Product {
  return (x, v, batch) => {
    const split = parts.split!;
    const outputs = (leaves: Tensor[]): unknown => split.outputs(leaves, batch);
    const [z, along] = jvp(outputs, [x], [v]);
    const curved = hvp((y: unknown) => split.loss(y, batch), z, along);
    return vjp(outputs, x)[1](curved)[0];
  };
}

export function evaluationsOf(objective: Objective): Evaluations {
  const { loss } = objective.parts;
  const at = (x: Tensor, batch: unknown): Tensor => loss(leavesOf(objective, x), batch);
  const value = jit((x: Tensor, batch: unknown) => [at(x, batch)]);
  const valueGradient = jit((x: Tensor, batch: unknown) => {
    const [y, gradient] = valueAndGrad((leaves: Tensor[]) => loss(leaves, batch))(leavesOf(objective, x));
    return [y, ...gradient];
  });
  const compiled = (product: Product) =>
    jit((x: Tensor, v: Tensor, batch: unknown) =>
      product(leavesOf(objective, x), leavesOf(objective, v), batch),
    );
  const product = compiled(hessianProduct(objective));
  const gaussNewton = compiled(gaussNewtonProduct(objective));
  const gaussNewtonRows = jit((x: Tensor, basis: Tensor, batch: unknown) => [
    vmap((v: Tensor) =>
      flat(gaussNewtonProduct(objective)(leavesOf(objective, x), leavesOf(objective, v), batch)),
    )(basis),
  ]);
  const matrix = jit((x: Tensor, batch: unknown) => [hessian((y: Tensor) => at(y, batch))(x)]);
  const mean = (program: (batch: unknown) => Leaves): Promise<Leaves> => averaged(objective, program);
  const along = async (compiledProduct: typeof product, x: Vector, v: Vector): Promise<Vector> => {
    const [point, direction] = [onDevice(objective, x), onDevice(objective, v)];
    return readLeaves(objective, await mean((batch) => compiledProduct(point, direction, batch)));
  };
  return {
    value: async (x) => (await mean((batch) => value(onDevice(objective, x), batch)))[0].item(),
    valueAndGradient: async (x) => {
      const [y, ...gradient] = await mean((batch) => valueGradient(onDevice(objective, x), batch));
      return { gradient: await readLeaves(objective, gradient), value: await y.item() };
    },
    product: (x, v) => along(product, x, v),
    hessian: async (x) =>
      rowsOf(objective, (await mean((batch) => matrix(onDevice(objective, x), batch)))[0]),
    gaussNewtonProduct: (x, v) => along(gaussNewton, x, v),
    gaussNewton: async (x) => {
      const basis = withDevice(objective.device, () => eye(objective.size));
      const [rows] = await mean((batch) => gaussNewtonRows(onDevice(objective, x), basis, batch));
      return rowsOf(objective, rows);
    },
  };
}

async function rowsOf({ size }: Objective, matrix: Tensor): Promise<Vector[]> {
  const data = (await matrix.data()) as Vector;
  return Array.from({ length: size }, (_, i) => data.slice(i * size, (i + 1) * size));
}

/** The point of an objective as a vector of the host. */
export function pointOf(objective: Objective): Promise<Vector> {
  return readLeaves(objective, objective.leaves);
}

/** The gradient's leaves as one flat tensor. */
export function flat(leaves: Leaves): Tensor {
  return concatenate(
    leaves.map((t) => t.reshape([t.size])),
    0,
  );
}
