import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { gapAt, notesOn, placed, type Scale } from "./gaps";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { blocksOf, greatestIn, thinningNote } from "./thin";
import { checkChoice, checkNumbers, drawable, extent, finiteExtent, sixDigits, type Numbers } from "./values";

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

export interface SpectrumNumbers {
  /** In ascending order, what cannot be drawn at the end. */
  readonly eigenvalues: readonly number[];
}

/**
 * The eigenvalues of a symmetric matrix as bars, in ascending order, coloured by sign. Of many, each bar stands for
 * neighbours and is as long as the greatest of them; all are in the figure's `numbers`.
 */
export function spectrum(eigenvalues: Numbers, options: SpectrumOptions = {}): Figure<SpectrumNumbers> {
  checkOptions("spectrum", options, [...figureOptionNames, "tolerance", "scale"]);
  const given = checkNumbers("spectrum", "eigenvalues", eigenvalues);
  const values = given.filter((value) => gapAt(value) === undefined).sort((a, b) => a - b);
  const magnitudes = values.map(Math.abs);
  const greatest = Math.max(0, ...(finiteExtent(magnitudes) ?? []));
  const tolerance = checkTolerance(options.tolerance ?? values.length * float32Epsilon * greatest);
  const resolved = magnitudes.filter((magnitude) => magnitude > tolerance);
  const isWide = resolved.length > 0 && greatest / extent(resolved)[0] > 1e3;
  const scale = checkChoice("spectrum", "scale", options.scale ?? (isWide ? "log" : "linear"), [
    "linear",
    "log",
  ]);

  const logY = scale === "log";
  const plane = planeLayout(options, { x: "index", y: logY ? "|eigenvalue|" : "eigenvalue" });
  // Bars of no height are no range to show.
  const yaxis = {
    ...(plane.yaxis as PlotlyJson),
    ...(greatest < drawable.least && !logY && { range: [-1, 1] }),
  };
  const layout = { ...plane, yaxis, barmode: "overlay", bargap: 0.15 };
  const left = given.filter((value) => gapAt(value) !== undefined);
  const tested = [...magnitudes, ...left];
  return new Figure(
    kinds.flatMap((_, sign) => bars(values, tolerance, sign, scale)),
    withLogAxes(layout, { logY }),
    `${options.title ?? "Spectrum"}\n${summarize(values, tolerance, resolved)}`,
    {
      numbers: { eigenvalues: [...values, ...left] },
      notes: [
        ...notesOn(tested, "eigenvalue", scale),
        ...thinningNote("bar", blocksOf(values.length).length, values.length),
      ],
    },
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

function bars(values: readonly number[], tolerance: number, kind: number, scale: Scale): PlotlyJson[] {
  const blocks = blocksOf(values.length);
  const shown = blocks.map((block) => greatestIn(values, block));
  const indices = shown.filter((index) => kindOf(values[index], tolerance) === kind);
  if (indices.length === 0) return [];
  const heights = indices.map((index) => (scale === "log" ? Math.abs(values[index]) : values[index]));
  const { name, colour } = kinds[kind];
  return [
    {
      type: "bar",
      name,
      x: indices,
      y: heights.map((height) => placed(height, scale)),
      // The outline is what is seen of a bar of no height.
      marker: {
        color: colour,
        ...(heights.every((height) => Math.abs(height) < drawable.least) && {
          line: { color: colour, width: 3 },
        }),
      },
      ...(blocks.length < values.length && { width: blocks[0][1] }),
      showlegend: true,
    },
  ];
}

function summarize(values: readonly number[], tolerance: number, resolved: readonly number[]): string {
  if (values.length === 0) return "no finite eigenvalues";
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
