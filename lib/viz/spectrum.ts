import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { checkChoice, checkNumbers, extent, rounded, sixDigits, type Numbers } from "./values";

export interface SpectrumOptions extends FigureOptions {
  /** Eigenvalues of at most this magnitude count as zero; by default n · 1.2e-7 · max |λ|, float32's resolution. */
  readonly tolerance?: number;
  /** "log" shows |λ|, its sign by colour; by default where the eigenvalues span more than three magnitudes. */
  readonly scale?: "linear" | "log";
}

const float32Epsilon = 2 ** -23;

const kinds = [
  { name: "negative", colour: palette.vermillion },
  { name: "zero", colour: palette.grey },
  { name: "positive", colour: palette.blue },
] as const;

/** The eigenvalues of a symmetric matrix as bars, in ascending order, coloured by sign. */
export function spectrum(eigenvalues: Numbers, options: SpectrumOptions = {}): Figure {
  checkOptions("spectrum", options, [...figureOptionNames, "tolerance", "scale"]);
  const values = checkNumbers("spectrum", "eigenvalues", eigenvalues).sort((a, b) => a - b);
  const magnitudes = values.map(Math.abs);
  const greatest = extent(magnitudes)[1];
  const tolerance = checkTolerance(options.tolerance ?? values.length * float32Epsilon * greatest);
  const resolved = magnitudes.filter((magnitude) => magnitude > tolerance);
  const spread = resolved.length > 0 && greatest / extent(resolved)[0] > 1e3;
  const scale = checkChoice("spectrum", "scale", options.scale ?? (spread ? "log" : "linear"), [
    "linear",
    "log",
  ]);

  const logY = scale === "log";
  const layout = planeLayout(options, { x: "index", y: logY ? "|eigenvalue|" : "eigenvalue" });
  const data = kinds.flatMap((_, sign) => bars(values, tolerance, sign, logY));
  const text = summarize(values, tolerance, resolved);
  return new Figure(
    data,
    withLogAxes({ ...layout, barmode: "overlay", bargap: 0.15 }, { logY }),
    `${options.title ?? "Spectrum"}\n${text}`,
  );
}

function checkTolerance(tolerance: unknown): number {
  if (typeof tolerance === "number" && tolerance >= 0) return tolerance;
  return refuse("spectrum", `tolerance must be a number of at least 0, got ${describe(tolerance)}`);
}

/** Index into `kinds`: negative, zero or positive as far as `tolerance` can tell. */
function kindOf(value: number, tolerance: number): number {
  return Math.abs(value) <= tolerance ? 1 : Math.sign(value) + 1;
}

function bars(values: readonly number[], tolerance: number, kind: number, logY: boolean): PlotlyJson[] {
  const indices = values.flatMap((value, index) => (kindOf(value, tolerance) === kind ? [index] : []));
  if (indices.length === 0) return [];
  const heights = indices.map((index) => rounded(logY ? Math.abs(values[index]) : values[index]));
  const { name, colour } = kinds[kind];
  return [{ type: "bar", name, x: indices, y: heights, marker: { color: colour }, showlegend: true }];
}

function summarize(values: readonly number[], tolerance: number, resolved: readonly number[]): string {
  const negative = values.filter((value) => value < -tolerance).length;
  const zeros = values.length - resolved.length;
  const [least, greatest] = [values[0], values[values.length - 1]].map(sixDigits);
  const [smallest, largest] = extent(resolved);
  const others = zeros > 0 ? " without the zeros" : "";
  const kappa = resolved.length > 0 ? `, κ = ${sixDigits(largest / smallest)}${others}` : "";
  return (
    `${values.length} eigenvalues, λmin = ${least}, λmax = ${greatest}, ${negative} negative, ` +
    `${zeros} zero (|λ| ≤ ${sixDigits(tolerance)})${kappa}`
  );
}
