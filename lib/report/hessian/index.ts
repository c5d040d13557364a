import type { Argument } from "../../transform/trees";
import {
  evaluationsOf,
  objectiveOf,
  pointOf,
  type DataOptions,
  type Objective,
  type ScalarFunction,
  type SplitFunction,
} from "../../curvature/objective";
import { criticalNorm, defaultGradTol, roundoffOf } from "../../curvature/classify";
import { evaluated, ifFinite } from "../../curvature/evaluated";
import { isFormedInSeconds, place } from "../../curvature/place";
import { norm } from "../../linalg/vectors";
import { checkIn, checkSeed, checkWhole } from "../../util/checks";
import { checkOptions, describe, refuse } from "../../util/errors";
import { currentFrontend, displayKey } from "../../util/frontend";
import { interruptible } from "../../util/interrupt";
import { progress, Report } from "../../viz";
import { sixDigits } from "../../viz/values";
import { measureExactly, unknownRates, type Start } from "./exact";
import { hessianFigures } from "./figures";
import { blockCount, expectedBytes, expectedProducts, measureByProducts } from "./matrixFree";
import type { Directions, HessianNumbers } from "./numbers";
import { hessianTables } from "./tables";

export type { BlockNumbers, GgnNumbers, HessianNumbers } from "./numbers";

export interface HessianReportOptions extends DataOptions {
  /** Eigenvalues to find at each end where not all are computed; 5 unless given. */
  readonly topK?: number;
  /** From Hessian-vector products alone; by default above 1000 parameters, unless up to 4096 take seconds. */
  readonly matrixFree?: boolean;
  /** Products that the trace takes; the density and the norms take their share of them. 30 unless given. */
  readonly samples?: number;
  /** Of the random vectors; 0 unless given. */
  readonly seed?: number;
  /** ‖g‖ up to this is critical; by default 1e-6, or what rounding x to its dtype makes, if that is more. */
  readonly gradTol?: number;
}

export type HessianReport = Report<HessianNumbers>;

interface Measured {
  readonly numbers: HessianNumbers;
  readonly directions: Directions | undefined;
  readonly notes: readonly string[];
}

/**
 * Inspects the Hessian of a scalar `f` at `x`, a tensor or a tree: verdict, spectrum, condition, trace, blocks, and pictures
 * of the loss along its eigenvectors. Up to 1000 parameters, and 4096 where it takes seconds, the Hessian is formed, on `cpu` in float64 where that takes
 * seconds; above, it is known by its products. An interrupt shows what is known by then.
 */
export async function hessian<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: HessianReportOptions = {},
): Promise<HessianReport> {
  checkOptions("report.hessian", options, ["topK", "matrixFree", "data", "samples", "seed", "gradTol"]);
  const settings = readOptions(options);
  const given = objectiveOf("report.hessian", f, x, options);
  const matrixFree = options.matrixFree;
  return interruptible(async (signal) => {
    const isFormed = matrixFree === undefined ? await isFormedInSeconds(given) : !matrixFree;
    const objective = await place(given, given.size);
    const note = await doubts(objective, await place(given, given.size));
    const roundoff = roundoffOf(given);
    const measured = await measure(objective, { ...settings, isFormed, roundoff, signal, note });
    const figures =
      measured.directions === undefined
        ? []
        : await hessianFigures(objective, measured.numbers, measured.directions, signal);
    const report = new Report({
      title: `The Hessian of ${nameOf(f)}`,
      numbers: measured.numbers,
      tables: hessianTables(measured.numbers),
      figures,
      notes: [...measured.notes, ...(signal.aborted ? ["Interrupted: this is what was known by then."] : [])],
    });
    // The cell that was interrupted has no value any more.
    if (signal.aborted) currentFrontend()?.display(report[displayKey](), {});
    return report;
  });
}

function readOptions({ topK, samples, seed, matrixFree, gradTol }: HessianReportOptions) {
  if (matrixFree !== undefined && typeof matrixFree !== "boolean") {
    refuse("report.hessian", `matrixFree must be true or false, got ${describe(matrixFree)}`);
  }
  if (gradTol !== undefined) checkIn("report.hessian", "gradTol", gradTol, (t) => t >= 0, "be at least 0");
  return {
    topK: checkWhole("report.hessian", "topK", topK ?? 5, 1),
    samples: checkWhole("report.hessian", "samples", samples ?? 30, 3),
    seed: checkSeed("report.hessian", seed ?? 0),
    gradTol,
  };
}

function nameOf(f: unknown): string {
  return typeof f === "function" && f.name !== "" ? f.name : "f";
}

/** A function that gives two values at one point draws randomness of its own. */
async function doubts(objective: Objective, again: Objective): Promise<string[]> {
  const x = await pointOf(objective);
  const [first, second] = [await evaluationsOf(objective).value(x), await evaluationsOf(again).value(x)];
  if (Object.is(first, second) || Math.abs(first - second) <= 1e-5 * Math.abs(first)) return [];
  return [
    `f is not deterministic: it gave ${sixDigits(first)} and ${sixDigits(second)} at one point. Give dropout and other noise a fixed ` +
      "key; what follows holds for one of its draws at most.",
  ];
}

interface Settings {
  readonly topK: number;
  readonly samples: number;
  readonly seed: number;
  readonly gradTol: number | undefined;
  /** Of the dtype that x was given in. */
  readonly roundoff: number;
  readonly isFormed: boolean;
  readonly signal: AbortSignal;
  readonly note: readonly string[];
}

async function measure(objective: Objective, settings: Settings): Promise<Measured> {
  const at = await evaluated(objective);
  const { x, value: loss, gradient } = at;
  const critical = (eigenvalues: readonly number[]): number =>
    settings.gradTol ?? criticalNorm(defaultGradTol, settings.roundoff, x, eigenvalues);
  const start: Start = { loss, gradient, critical };
  const unknown = (reason: string): Measured => ({
    numbers: unknownNumbers(objective, start, reason),
    directions: undefined,
    notes: [...settings.note, `There is no Hessian to speak of: ${reason}.`],
  });
  return ifFinite(at, () => measureFinite(objective, start, settings), unknown);
}

async function measureFinite(objective: Objective, start: Start, settings: Settings): Promise<Measured> {
  if (settings.isFormed) {
    const measured = await measureExactly(objective, start);
    return { ...measured, notes: [...settings.note, ...remarks(measured.numbers)] };
  }
  const bar = progress(expectedProducts(settings, blockCount(objective)), {
    label: `Hessian of ${objective.size} parameters, up to ${Math.ceil(expectedBytes(objective, settings.topK) / 1e6)} MB of vectors`,
  });
  const say = (message: string, products: number): void => {
    bar.say(message);
    bar.advance(products);
  };
  try {
    const measured = await measureByProducts(objective, start, { ...settings, say });
    return { ...measured, notes: [...settings.note, ...remarks(measured.numbers)] };
  } finally {
    bar.end();
  }
}

function remarks({ kind, exact, converged, precision, tolerance }: HessianNumbers): string[] {
  return [
    ...(kind === "not critical"
      ? [
          "x is no critical point: the signs of the eigenvalues tell the curvature there, not what kind of point it is.",
        ]
      : []),
    ...(exact && precision === "float32"
      ? [`Computed in float32: eigenvalues below ${sixDigits(tolerance)} in magnitude are not resolved.`]
      : []),
    ...(converged ? [] : ["Not all eigenpairs have converged: see their residuals."]),
  ];
}

function unknownNumbers(objective: Objective, { loss, gradient }: Start, reason: string): HessianNumbers {
  return {
    n: objective.size,
    loss,
    gradNorm: norm(gradient),
    kind: "unknown",
    reason,
    index: 0,
    lambdaMax: NaN,
    lambdaMin: NaN,
    negative: NaN,
    zero: NaN,
    positive: NaN,
    countErrors: { negative: NaN, zero: NaN, positive: NaN },
    tolerance: NaN,
    kappa: NaN,
    kappaAtLeast: NaN,
    effectiveKappa: NaN,
    effectiveAtLeast: NaN,
    trace: NaN,
    traceStandardError: NaN,
    frobenius: NaN,
    ...unknownRates,
    eigenvalues: [],
    residuals: [],
    blocks: [],
    ggn: undefined,
    density: undefined,
    symmetryError: NaN,
    converged: false,
    matvecs: 0,
    seed: 0,
    samples: 0,
    exact: false,
    precision: objective.device.floatType === "float64" ? "float64" : "float32",
  };
}
