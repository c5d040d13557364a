import type { Argument } from "../../transform/trees";
import { conditionNumber, conditionOf } from "../../curvature/condition";
import { hessianSpectrum } from "../../curvature/exact";
import {
  hessianProduct,
  isSplit,
  objectiveOf,
  type DataOptions,
  type Objective,
  type ScalarFunction,
  type SplitFunction,
} from "../../curvature/objective";
import { operatorOf } from "../../curvature/operators";
import { exactLimit, place } from "../../curvature/place";
import type { MinimizeMethod } from "../../optim";
import { minimizeMethods } from "../../optim/minimize";
import { tensor } from "../../tensor/create";
import { Tensor, type NestedArray } from "../../tensor/tensor";
import { checkOptions, describe, refuse } from "../../util/errors";
import { currentFrontend, displayKey } from "../../util/frontend";
import { interruptible } from "../../util/interrupt";
import { line, Report, type Figure, type ReportTable } from "../../viz";
import { sixDigits } from "../../viz/values";
import { alongFigure, measureAlong, readRun, type AlongNumbers, type RecordedRun } from "./along";
import { conditionOfMatrix, type MatrixNumbers } from "./matrix";
import { errorFigure, matched, minimumNear, pathFigure, runMethods, startOf, type MethodRun } from "./paths";
import { stepsToTolerance, sweepTolerance } from "./quadratic";
import { isListOf } from "../../util/checks";

export type { AlongNumbers, RecordedRun } from "./along";
export type { MatrixNumbers } from "./matrix";
export type { MethodRun } from "./paths";

export interface ConditionReportOptions extends DataOptions {
  /** Methods whose paths and errors are drawn; gd, momentum and newton unless given. */
  readonly methods?: readonly MinimizeMethod[];
  /** Condition numbers over which the steps to a tolerance are counted: "from:to", or a list. */
  readonly sweep?: string | readonly number[];
  /** A recorded run, along which curvature is measured. */
  readonly along?: RecordedRun;
  /** Steps of each method at most; 200 unless given. */
  readonly steps?: number;
}

export interface ConditionNumbers {
  readonly n: number;
  /** Of the Hessian at the minimum near x, or at x where there is none. */
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  /** NaN where there are too many parameters to know it. */
  readonly kappa: number;
  readonly effective: number;
  readonly minimum: readonly number[] | undefined;
  readonly runs: readonly MethodRun[];
  readonly sweep:
    | { readonly kappas: readonly number[]; readonly steps: Readonly<Record<string, readonly number[]>> }
    | undefined;
  readonly along: readonly AlongNumbers[] | undefined;
}

/**
 * What the condition number does: of the Hessian of a scalar `f` near `x` to the paths, the errors and the number of steps
 * of methods of minimisation; of a square matrix `A` to errors in solving Ax = b.
 */
export async function condition<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options?: ConditionReportOptions,
): Promise<Report<ConditionNumbers>>;
export async function condition(matrix: Tensor | readonly NestedArray[]): Promise<Report<MatrixNumbers>>;
export async function condition(
  subject: ScalarFunction<unknown> | SplitFunction<unknown> | Tensor | readonly NestedArray[],
  x?: unknown,
  options: ConditionReportOptions = {},
): Promise<Report<ConditionNumbers> | Report<MatrixNumbers>> {
  if (subject instanceof Tensor) return conditionOfMatrix(subject);
  if (Array.isArray(subject)) return conditionOfMatrix(tensor(subject as NestedArray[]));
  const f = subject as ScalarFunction<unknown> | SplitFunction<unknown>;
  if (typeof f !== "function" && !isSplit(f))
    refuse("report.condition", `f must be a function or a matrix, got ${describe(f)}`);
  checkOptions("report.condition", options, ["methods", "sweep", "along", "steps", "data"]);
  const methods = checkMethods(options.methods ?? ["gd", "momentum", "newton"]);
  const kappas = options.sweep === undefined ? undefined : readSweep(options.sweep);
  const run = options.along === undefined ? undefined : readRun(options.along);
  const given = objectiveOf("report.condition", f, x, options);
  return interruptible(async (signal) => {
    const objective = await place(given, 100 * given.size);
    const local = await descents(objective, methods, options.steps ?? 200);
    const sweep = kappas && (await sweepOf(kappas, methods, signal));
    const along = run && (await measureAlong(objective, run.path, signal));
    const report = new Report({
      title: `Condition of ${typeof f === "function" && f.name !== "" ? f.name : "f"}`,
      numbers: { n: given.size, ...local.numbers, sweep, along },
      tables: [...local.tables, ...(sweep ? [sweepTable(sweep)] : [])],
      figures: [
        ...local.figures,
        ...(sweep ? [sweepFigure(sweep)] : []),
        ...(along && along.length > 0 ? [alongFigure(along, run?.learningRate)] : []),
      ],
      notes: local.notes,
    });
    if (signal.aborted) currentFrontend()?.display(report[displayKey](), {});
    return report;
  });
}

function checkMethods(methods: readonly MinimizeMethod[]): readonly MinimizeMethod[] {
  const known: readonly unknown[] = minimizeMethods;
  if (isListOf(methods, (m) => known.includes(m)) && methods.length > 0) {
    return methods;
  }
  return refuse(
    "report.condition",
    `methods must be a list of ${minimizeMethods.join(", ")}, got ${describe(methods)}`,
  );
}

function readSweep(sweep: string | readonly number[]): number[] {
  const given = typeof sweep === "string" ? sweep.split(":").map(Number) : [...sweep];
  if (given.length < 2 || !given.every((k) => k >= 1 && Number.isFinite(k))) {
    refuse(
      "report.condition",
      `sweep must be "from:to" or a list of condition numbers of at least 1, got ${describe(sweep)}`,
    );
  }
  if (given.length > 2 || typeof sweep !== "string") return given;
  const [from, to] = given.map(Math.log);
  const count = 13;
  return Array.from({ length: count }, (_, i) => Math.exp(from + ((to - from) * i) / (count - 1)));
}

interface Local {
  readonly numbers: Pick<
    ConditionNumbers,
    "lambdaMax" | "lambdaMin" | "kappa" | "effective" | "minimum" | "runs"
  >;
  readonly tables: readonly ReportTable[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** The Hessian at the minimum near x and the methods' ways there; the Hessian at x alone where there is no such minimum. */
async function descents(
  objective: Objective,
  methods: readonly MinimizeMethod[],
  steps: number,
): Promise<Local> {
  if (objective.size > exactLimit) return endsAlone(objective);
  const minimum = await minimumNear(objective);
  if (minimum === undefined) return hessianAlone(objective);
  const { lambdaMax, lambdaMin } = minimum;
  const kappa = lambdaMax / lambdaMin;
  const start = await startOf(objective, minimum);
  const runs = await runMethods(objective, minimum, start, methods, steps);
  const flatMinimum = Array.from(minimum.x);
  return {
    numbers: { lambdaMax, lambdaMin, kappa, effective: kappa, minimum: flatMinimum, runs },
    tables: [numbersTable(objective.size, lambdaMax, lambdaMin, kappa, "at the minimum"), runsTable(runs)],
    figures: [
      ...(objective.size > 1 ? [await pathFigure(objective, minimum, start, runs)] : []),
      errorFigure(runs, kappa),
    ],
    notes: [],
  };
}

async function hessianAlone(objective: Objective): Promise<Local> {
  const { values, tolerance } = await hessianSpectrum(objective);
  const { kappa, effective, lambdaMax, lambdaMin } = conditionOf(values, tolerance);
  return {
    numbers: { lambdaMax, lambdaMin, kappa, effective, minimum: undefined, runs: [] },
    tables: [numbersTable(objective.size, lambdaMax, lambdaMin, kappa, "at x")],
    figures: [],
    notes: [
      "No minimum with a positive definite Hessian was found from x, so that no method's rate is foretold; this is the Hessian at x.",
    ],
  };
}

async function endsAlone(objective: Objective): Promise<Local> {
  const operator = operatorOf(objective, hessianProduct(objective));
  const { kappa, effective, atLeast, lambdaMax, lambdaMin, reason } = await conditionNumber(operator);
  const known = reason === "" ? "" : ` κ is not known, for ${reason}; it is at least ${sixDigits(atLeast)}.`;
  return {
    numbers: { lambdaMax, lambdaMin, kappa, effective, minimum: undefined, runs: [] },
    tables: [numbersTable(objective.size, lambdaMax, lambdaMin, kappa, "at x")],
    figures: [],
    notes: [`Above ${exactLimit} parameters no paths are drawn.${known}`],
  };
}

function numbersTable(
  n: number,
  lambdaMax: number,
  lambdaMin: number,
  kappa: number,
  where: string,
): ReportTable {
  return {
    title: `The Hessian ${where}`,
    rows: [
      ["parameters n", n],
      ["λmax", lambdaMax],
      ["λmin", lambdaMin],
      ["κ", Number.isNaN(kappa) ? "not known" : kappa],
      ["gradient descent breaks at ε = 2/λmax", lambdaMax > 0 ? 2 / lambdaMax : Infinity],
      ...(lambdaMin > 0 && Number.isFinite(kappa)
        ? ([
            ["gradient descent's rate (κ−1)/(κ+1)", (kappa - 1) / (kappa + 1)],
            ["heavy ball's rate (√κ−1)/(√κ+1)", (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1)],
          ] as const)
        : []),
    ],
  };
}

function runsTable(runs: readonly MethodRun[]): ReportTable {
  const known = (value: number): number | string => (Number.isNaN(value) ? "" : value);
  return {
    title: "The methods",
    columns: ["method", "ε", "α", "steps", "error left", "rate measured", "rate in theory", ""],
    rows: runs.map((r) => [
      r.method,
      known(r.learningRate),
      known(r.momentum),
      r.errors.length - 1,
      r.errors[r.errors.length - 1],
      known(r.measuredRate),
      known(r.theoreticalRate),
      r.message,
    ]),
  };
}

type Sweep = NonNullable<ConditionNumbers["sweep"]>;

async function sweepOf(
  kappas: readonly number[],
  methods: readonly MinimizeMethod[],
  signal: AbortSignal,
): Promise<Sweep> {
  const steps: Record<string, number[]> = {};
  for (const method of methods) {
    steps[method] = [];
    for (const kappa of kappas)
      steps[method].push(signal.aborted ? NaN : await stepsToTolerance(method, kappa));
  }
  return { kappas, steps };
}

function sweepTable({ kappas, steps }: Sweep): ReportTable {
  const methods = Object.keys(steps);
  const cell = (value: number): number | string => (Number.isNaN(value) ? "too many" : value);
  return {
    title: `Steps to an error of ${sweepTolerance} on a quadratic`,
    columns: ["κ", ...methods],
    rows: kappas.map((kappa, i) => [kappa, ...methods.map((m) => cell(steps[m][i]))]),
  };
}

function sweepFigure({ kappas, steps }: Sweep): Figure {
  const curves = Object.fromEntries(
    Object.entries(steps).map(([m, y]) => [m, { x: kappas, y: y.map((s) => (s > 0 ? s : NaN)) }]),
  );
  const options = {
    title: `Steps to an error of ${sweepTolerance}`,
    xLabel: "condition number κ",
    yLabel: "steps",
  };
  return matched(line(curves, { ...options, logX: true, logY: true, markers: true }));
}
