import {
  productsOf,
  randomVector,
  type Distribution,
  type LinearOperator,
  type Products,
} from "../linalg/operator";
import { dot, norm, orthogonalize, scale, type Vector } from "../linalg/vectors";
import type { Tensor } from "../tensor/tensor";
import { checkSeed, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";

export interface TraceOptions {
  /** Hutch++ unless given. */
  readonly method?: "hutchinson" | "hutch++";
  /** Products with the operator to spend; 30 unless given. */
  readonly samples?: number;
  /** What the probes' elements are: ±1 (rademacher, the default) or standard normal (gaussian). */
  readonly distribution?: Distribution;
  /** 0 unless given. */
  readonly seed?: number;
  /** Ends the estimation with the samples there are. */
  readonly signal?: AbortSignal;
}

export interface Trace {
  readonly trace: number;
  /** The standard deviation of the estimate, itself estimated from the spread of the samples; NaN for one sample. */
  readonly standardError: number;
  readonly method: "hutchinson" | "hutch++";
  /** How many random samples the mean was taken of. */
  readonly samples: number;
  readonly matvecs: number;
}

/**
 * The trace of a symmetric operator from its products. Hutchinson (1990): the mean of zᵀAz, of variance
 * 2(‖A‖²F − Σ a²ᵢᵢ)/m for Rademacher probes and 2‖A‖²F/m for Gaussian ones. Hutch++ (Meyer, Musco, Musco and Woodruff 2021):
 * a third of the products finds a space where A is large, in which the trace is exact; a third samples the rest.
 */
export async function trace(op: LinearOperator | Tensor, options: TraceOptions = {}): Promise<Trace> {
  checkOptions("trace", options, ["method", "samples", "distribution", "seed", "signal"]);
  const products = productsOf("trace", op);
  const { method = "hutch++", distribution = "rademacher", signal } = options;
  if (method !== "hutchinson" && method !== "hutch++") {
    refuse("trace", `method must be "hutchinson" or "hutch++", got ${describe(method)}`);
  }
  if (distribution !== "rademacher" && distribution !== "gaussian") {
    refuse("trace", `distribution must be "rademacher" or "gaussian", got ${describe(distribution)}`);
  }
  const samples = checkWhole("trace", "samples", options.samples ?? 30, method === "hutch++" ? 3 : 1);
  const seed = checkSeed("trace", options.seed ?? 0);
  const probe = (index: number): Promise<Vector> => randomVector(products, seed, index, distribution);
  const basis = method === "hutch++" ? await sketch(products, Math.floor(samples / 3), probe, signal) : [];
  const inside = await traceInside(products, basis);
  const left = basis.length === products.size ? 0 : samples - products.count;
  const values = await sampleOutside(products, basis, left, (i) => probe(samples + i), signal);
  return { ...statistics(values, inside), method, samples: values.length, matvecs: products.count };
}

type Probe = (index: number) => Promise<Vector>;

/** An orthonormal basis of what A makes of `count` random vectors. */
async function sketch(op: Products, count: number, probe: Probe, signal?: AbortSignal): Promise<Vector[]> {
  const basis: Vector[] = [];
  for (let i = 0; i < Math.min(count, op.size) && signal?.aborted !== true; i++) {
    const image = await op.multiply(await probe(i));
    const before = norm(image);
    orthogonalize(image, basis);
    const left = norm(image);
    if (left > independent * before) basis.push(scale(image, 1 / left));
  }
  return basis;
}

/** What is left of a vector must be this part of it to count as a direction of its own. */
const independent = 1e-8;

async function traceInside(op: Products, basis: readonly Vector[]): Promise<number> {
  let sum = 0;
  for (const q of basis) sum += dot(q, await op.multiply(q));
  return sum;
}

/** Quadratic forms zᵀAz of probes without their part in the basis. */
async function sampleOutside(
  op: Products,
  basis: readonly Vector[],
  count: number,
  probe: Probe,
  signal?: AbortSignal,
): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count && !(signal?.aborted === true && values.length > 0); i++) {
    const z = await probe(i);
    orthogonalize(z, basis);
    values.push(dot(z, await op.multiply(z)));
  }
  return values;
}

/** `exact` more than the mean of `values`, and the standard error of that. */
export function statistics(
  values: readonly number[],
  exact: number,
): { trace: number; standardError: number } {
  const count = values.length;
  if (count === 0) return { trace: exact, standardError: 0 };
  const mean = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { trace: exact + mean, standardError: Math.sqrt(squares / (count - 1) / count) };
}
