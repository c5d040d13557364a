import { verdictOf } from "../../curvature/classify";
import { spectralDensity, type SpectralDensity } from "../../curvature/density";
import { defaultTolerance, searchBytes } from "../../curvature/eigenpairs";
import { gaussNewtonProduct, hessianProduct, type Objective } from "../../curvature/objective";
import { operatorOf } from "../../curvature/operators";
import { statistics, trace, type Trace } from "../../curvature/trace";
import { findEigenpairs, type EigenpairState, type HostEigenpairs } from "../../linalg/eigenpairs";
import { tridiagonalize } from "../../linalg/lanczos";
import { productsOf, randomVector, type HostOperator, type Products } from "../../linalg/operator";
import { addScaled, dot, norm, type Vector } from "../../linalg/vectors";
import { sixDigits } from "../../viz/values";
import { learningRates, type Start } from "./exact";
import {
  blockNames,
  blockRanges,
  type BlockNumbers,
  type Directions,
  type GgnNumbers,
  type HessianNumbers,
} from "./numbers";

export interface MatrixFreeOptions {
  readonly topK: number;
  readonly samples: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Tells what is going on and what is known, and how many more products that took. */
  readonly say: (message: string, products: number) => void;
}

/** Lanczos steps of a density's start, of a block, and blocks that are looked into. */
const [densitySteps, blockSteps, mostBlocks] = [30, 10, 12];

/** The products that a measurement takes, roughly. */
export function expectedProducts(
  { topK, samples }: Pick<MatrixFreeOptions, "topK" | "samples">,
  blocks: number,
): number {
  return (
    60 +
    20 * topK +
    samples +
    probesOf(samples) +
    densityRuns(samples) * densitySteps +
    (blocks > 1 ? blocks * blockSteps : 0)
  );
}

export function blockCount({ paths }: Objective): number {
  const count = new Set(blockNames(paths)).size;
  return count > mostBlocks ? 0 : count;
}

/** Bytes of vectors that are held at most, beside what f needs. */
export function expectedBytes({ size, device }: Objective, topK: number): number {
  return searchBytes(size, topK, "BE", device.floatType === "float64" ? 8 : 4);
}

function densityRuns(samples: number): number {
  return Math.max(2, Math.round(samples / 10));
}

function probesOf(samples: number): number {
  return Math.max(3, Math.ceil(samples / 3));
}

/** A large Hessian from its products, as far as `signal` lets it come. */
export async function measureByProducts(
  objective: Objective,
  { loss, gradient, critical }: Start,
  options: MatrixFreeOptions,
): Promise<{ numbers: HessianNumbers; directions: Directions }> {
  const { topK, samples, seed, signal, say } = options;
  const operator = operatorOf(objective, hessianProduct(objective));
  const op = productsOf("report.hessian", operator);
  const pairs = await ends(op, options);
  const isOpen = (): boolean => !signal.aborted;
  const total = isOpen() ? await tracked(op, operator, samples, options) : undefined;
  const probes = isOpen() ? await probe(objective, op, options) : undefined;
  const density = isOpen() ? await densityOf(op, operator, options) : undefined;
  const blocks = isOpen() ? await blockNumbers(objective, op, probes, options) : [];
  say("done", 0);

  const gradNorm = norm(gradient);
  const order = [...pairs.eigenvalues.keys()].sort((i, j) => pairs.eigenvalues[i] - pairs.eigenvalues[j]);
  const values = order.map((i) => pairs.eigenvalues[i]);
  const [lambdaMin, lambdaMax] = [values[0], values[values.length - 1]];
  const reach = Math.max(...values.map(Math.abs));
  const tolerance = Math.max(defaultTolerance(op.epsilon) * reach, ...pairs.residuals);
  const inner = [...values, ...(density?.nodes.flat() ?? [])].map(Math.abs);
  const verdict = verdictOf(values, tolerance, gradNorm, critical(values));
  const isHalfKnown = verdict.kind === "minimum" || verdict.kind === "maximum";
  const counts = countsOf(density, op.size, tolerance);
  const numbers: HessianNumbers = {
    n: op.size,
    loss,
    gradNorm,
    ...verdict,
    reason: isHalfKnown ? `${verdict.reason} that were found, ${topK} from each end` : verdict.reason,
    lambdaMax,
    lambdaMin,
    ...counts,
    tolerance,
    kappa: reach / Math.min(...inner),
    effectiveKappa: reach / Math.min(...inner.filter((m) => m > tolerance)),
    trace: total?.trace ?? NaN,
    traceStandardError: total?.standardError ?? NaN,
    frobenius: probes?.frobenius ?? NaN,
    ...learningRates(lambdaMax, lambdaMin, tolerance),
    eigenvalues: values,
    residuals: order.map((i) => pairs.residuals[i]),
    blocks,
    ggn: probes?.ggn,
    density,
    symmetryError: probes?.symmetryError ?? NaN,
    converged: pairs.converged && isOpen(),
    matvecs: op.count,
    seed,
    samples,
    exact: false,
    precision: objective.device.floatType === "float64" ? "float64" : "float32",
  };
  return {
    numbers,
    directions: {
      gradient,
      vMax: pairs.eigenvectors[order[order.length - 1]],
      vMin: pairs.eigenvectors[order[0]],
      rows: undefined,
    },
  };
}

function ends(op: Products, { topK, seed, signal, say }: MatrixFreeOptions): Promise<HostEigenpairs> {
  let before = 0;
  const callback = ({ matvecs, eigenvalues, residuals }: EigenpairState): void => {
    const [upper, lower] = [
      eigenvalues[0],
      eigenvalues[eigenvalues.length > topK ? topK : eigenvalues.length - 1],
    ];
    say(
      `λmax ≈ ${sixDigits(upper)}, λmin ≈ ${sixDigits(lower)}, residual ${sixDigits(Math.max(...residuals))}`,
      matvecs - before,
    );
    before = matvecs;
  };
  const k = Math.min(topK, Math.floor(op.size / 2)) || 1;
  const tol = op.epsilon < 1e-10 ? 1e-6 : 1e-3;
  return findEigenpairs(op, { k, which: "BE", tol, seed, maxMatvecs: 100 * (k + 5), signal, callback });
}

/** `op` counts the products that others spend through the operator. */
async function tracked(
  op: Products,
  operator: HostOperator,
  samples: number,
  options: MatrixFreeOptions,
): Promise<Trace> {
  options.say("trace by Hutch++", 0);
  const found = await trace(operator, { samples, seed: options.seed + 1, signal: options.signal });
  op.count += found.matvecs;
  options.say(`trace ≈ ${sixDigits(found.trace)} ± ${sixDigits(found.standardError)}`, found.matvecs);
  return found;
}

async function densityOf(
  op: Products,
  operator: HostOperator,
  options: MatrixFreeOptions,
): Promise<SpectralDensity> {
  options.say("spectral density", 0);
  const found = await spectralDensity(operator, {
    samples: densityRuns(options.samples),
    steps: densitySteps,
    seed: options.seed + 2,
    signal: options.signal,
    callback: (finished) => options.say(`spectral density, start ${finished}`, densitySteps),
  });
  op.count += found.matvecs;
  return found;
}

interface Probes {
  readonly frobenius: number;
  /** For each block, zᵀHz restricted to it, a mean over probes. */
  readonly blockTraces: readonly number[];
  readonly symmetryError: number;
  readonly ggn: GgnNumbers | undefined;
}

/** From products with ±1 vectors: E‖Hz‖² = ‖H‖²F, and E zᵀ_b (Hz)_b = tr H_bb. */
async function probe(objective: Objective, op: Products, options: MatrixFreeOptions): Promise<Probes> {
  const blocks = blockRanges(
    blockNames(objective.paths),
    objective.leaves.map((t) => t.size),
  );
  const ggn =
    objective.parts.split &&
    productsOf("report.hessian", operatorOf(objective, gaussNewtonProduct(objective)));
  const count = probesOf(options.samples);
  const traces = blocks.map(() => 0);
  let [whole, part, rest, ggnTrace] = [0, 0, 0, 0];
  let last: { z: Vector; product: Vector } | undefined;
  let symmetryError = 0;
  let done = 0;
  for (; done < count && !(options.signal.aborted && done > 0); done++) {
    const z = await randomVector(op, options.seed + 3, done, "rademacher");
    const product = await op.multiply(z);
    whole += dot(product, product) / count;
    blocks.forEach(({ ranges }, b) => (traces[b] += within(z, product, ranges) / count));
    if (last !== undefined) {
      const difference = Math.abs(dot(last.z, product) - dot(z, last.product));
      symmetryError = Math.max(symmetryError, difference / (norm(last.z) * norm(product)));
    }
    last = { z, product };
    if (ggn !== undefined) {
      const seen = await ggn.multiply(z);
      part += dot(seen, seen) / count;
      ggnTrace += dot(z, seen) / count;
      addScaled(seen, -1, product);
      rest += dot(seen, seen) / count;
    }
    options.say("‖H‖F and traces of blocks", 1);
  }
  const correction = count / done;
  const frobenius = Math.sqrt(whole * correction);
  const share = (squared: number): number => Math.sqrt(squared * correction) / frobenius;
  return {
    frobenius,
    blockTraces: traces.map((t) => t * correction),
    symmetryError,
    ggn: ggn && {
      lambdaMax: await topOf(ggn, options),
      trace: ggnTrace * correction,
      share: share(part),
      rest: share(rest),
    },
  };
}

function within(a: Vector, b: Vector, ranges: readonly (readonly [number, number])[]): number {
  let sum = 0;
  for (const [from, to] of ranges) for (let i = from; i < to; i++) sum += a[i] * b[i];
  return sum;
}

async function topOf(op: Products, { seed, signal }: MatrixFreeOptions): Promise<number> {
  const found = await findEigenpairs(op, { k: 1, which: "LA", tol: 1e-3, seed, maxMatvecs: 60, signal });
  return found.eigenvalues[0];
}

async function blockNumbers(
  objective: Objective,
  op: Products,
  probes: Probes | undefined,
  { seed, signal, say }: MatrixFreeOptions,
): Promise<BlockNumbers[]> {
  const blocks = blockRanges(
    blockNames(objective.paths),
    objective.leaves.map((t) => t.size),
  );
  if (blocks.length < 2) return [];
  const numbers: BlockNumbers[] = [];
  for (const [b, { name, size, ranges }] of blocks.entries()) {
    const isLooked = blocks.length <= mostBlocks && !signal.aborted;
    const lambdaMax = isLooked ? await blockTop(op, ranges, seed, signal) : NaN;
    if (isLooked) say(`block ${name}`, blockSteps);
    numbers.push({ name, size, lambdaMax, trace: probes?.blockTraces[b] ?? NaN });
  }
  return numbers;
}

/** The greatest eigenvalue of a diagonal block, from below. */
async function blockTop(
  op: Products,
  ranges: readonly (readonly [number, number])[],
  seed: number,
  signal: AbortSignal,
): Promise<number> {
  const only = (v: Vector): Vector => {
    const out = op.zeros();
    for (const [from, to] of ranges) out.set(v.subarray(from, to), from);
    return out;
  };
  const block: Products = { ...op, multiply: async (v) => only(await op.multiply(v)) };
  const start = only(await randomVector(op, seed + 4, 0));
  const { ritz } = await tridiagonalize(block, start, blockSteps, signal);
  return ritz.values[ritz.values.length - 1];
}

/** How many eigenvalues lie on either side of ±tolerance, as the quadrature of the density has it. */
function countsOf(
  density: SpectralDensity | undefined,
  n: number,
  tolerance: number,
): Pick<HessianNumbers, "negative" | "zero" | "positive"> {
  if (density === undefined) return { negative: NaN, zero: NaN, positive: NaN };
  const part = (isIn: (theta: number) => boolean): number =>
    Math.round(
      n *
        statistics(
          density.nodes.map((thetas, r) =>
            thetas.reduce((s, t, i) => s + (isIn(t) ? density.weights[r][i] : 0), 0),
          ),
          0,
        ).trace,
    );
  return {
    negative: part((t) => t < -tolerance),
    zero: part((t) => Math.abs(t) <= tolerance),
    positive: part((t) => t > tolerance),
  };
}
