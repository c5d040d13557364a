import { spectralDensity, type SpectralDensity } from "../../curvature/density";
import { searchBytes } from "../../curvature/eigenpairs";
import { ascending, endsOf, knownSpectrum, type Ends } from "../../curvature/ends";
import { gaussNewtonProduct, hessianProduct, type Objective } from "../../curvature/objective";
import { operatorOf } from "../../curvature/operators";
import { trace, type Trace } from "../../curvature/trace";
import { verdictOf } from "../../curvature/verdict";
import { findEigenpairs, relativeResidual, type EigenpairState } from "../../linalg/eigenpairs";
import { tridiagonalize } from "../../linalg/lanczos";
import { productsOf, randomVector, type HostOperator, type Products } from "../../linalg/operator";
import { addScaled, dot, norm, type Vector } from "../../linalg/vectors";
import { sixDigits } from "../../viz/values";
import { countSigns } from "./counts";
import { learningRates, unknownRates, type Start } from "./exact";
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
  const { samples, seed, signal, say } = options;
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
  const order = ascending(pairs);
  const values = order.map((i) => pairs.eigenvalues[i]);
  const [lambdaMin, lambdaMax] = [values[0], values[values.length - 1]];
  const { tolerance, converged } = pairs;
  const known = knownSpectrum(pairs, op.size);
  const verdict = verdictOf(known, tolerance, gradNorm, critical(values));
  const perEnd = Math.ceil(values.length / 2);
  const counts = countSigns({ values, perEnd, converged }, density, op.size, tolerance);
  const numbers: HessianNumbers = {
    n: op.size,
    loss,
    gradNorm,
    ...verdict,
    lambdaMax,
    lambdaMin,
    ...counts,
    tolerance,
    ...conditionFrom(pairs, density),
    trace: total?.trace ?? NaN,
    traceStandardError: total?.standardError ?? NaN,
    frobenius: probes?.frobenius ?? NaN,
    ...(converged ? learningRates(lambdaMax, lambdaMin, tolerance) : unknownRates),
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

/** What the ends tell of κ, and what all values that are known with their residuals tell of it at least. */
function conditionFrom(
  { eigenvalues, residuals, tolerance, converged, enclosure: { lower, upper } }: Ends,
  density: SpectralDensity | undefined,
): Pick<HessianNumbers, "kappa" | "kappaAtLeast" | "effectiveKappa" | "effectiveAtLeast"> {
  const pairs = [
    ...eigenvalues.map((value, i) => ({ size: Math.abs(value), residual: residuals[i] })),
    ...(density?.nodes ?? []).flatMap((thetas, run) =>
      thetas.map((theta, i) => ({ size: Math.abs(theta), residual: density!.residuals[run][i] })),
    ),
  ];
  const greatest = Math.max(...eigenvalues.map(Math.abs));
  // An eigenvalue lies within the residual of each.
  const ratio = (list: typeof pairs): number =>
    list.reduce((most, { size, residual }) => Math.max(most, greatest / (size + residual)), 1);
  const kappaAtLeast = ratio(pairs);
  const effectiveAtLeast = ratio(pairs.filter(({ size, residual }) => size - residual > tolerance));
  const isDefinite = converged && (lower > tolerance || upper < -tolerance);
  const least = Math.min(...eigenvalues.map(Math.abs));
  const isPrecise = pairs.some(({ size, residual }) => size === least && residual <= 0.01 * least);
  const kappa = isDefinite && isPrecise ? greatest / least : NaN;
  return { kappa, kappaAtLeast, effectiveKappa: kappa, effectiveAtLeast };
}

function ends(op: Products, { topK, seed, signal, say }: MatrixFreeOptions): Promise<Ends> {
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
  const maxMatvecs = 100 * (k + 5);
  return endsOf(op, { k, tol, seed, maxMatvecs, enclosureSteps: maxMatvecs, signal, callback });
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
  const found = await findEigenpairs(op, {
    k: 1,
    which: "LA",
    allowed: relativeResidual(1e-3),
    seed,
    maxMatvecs: 60,
    signal,
  });
  return found.converged ? found.eigenvalues[0] : NaN;
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
