import { checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { Figure } from "./figure";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions } from "./theme";
import { checkNumbers, extent, rounded, sixDigits, type Numbers } from "./values";

export interface HistogramOptions extends FigureOptions {
  /** How many bins; by default Sturges's ⌈log₂ n⌉ + 1, and at least 10. */
  readonly bins?: number;
  readonly logY?: boolean;
}

/** How often values occur, in bins of equal width between the least and the greatest. Refuses values that are not finite. */
export function histogram(values: Numbers, options: HistogramOptions = {}): Figure {
  checkOptions("histogram", options, [...figureOptionNames, "bins", "logY"]);
  const numbers = checkNumbers("histogram", "values", values);
  const sturges = Math.max(10, Math.ceil(Math.log2(numbers.length)) + 1);
  const bins = checkWhole("histogram", "bins", options.bins ?? sturges, 1);

  const [least, greatest] = extent(numbers);
  const width = (greatest - least || 1) / bins;
  const counts = countInto(bins, width, least, numbers);
  const bars = {
    type: "bar",
    x: counts.map((_, bin) => rounded(least + (bin + 0.5) * width)),
    y: counts,
    width: rounded(width),
    marker: { color: palette.blue },
    hovertemplate: "%{y} near %{x}<extra></extra>",
  };
  const layout = { ...planeLayout(options, { x: "value", y: "count" }), bargap: 0.04 };
  return new Figure([bars], withLogAxes(layout, options), summarize(numbers, bins, options));
}

function countInto(bins: number, width: number, least: number, numbers: readonly number[]): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of numbers) counts[Math.min(Math.floor((value - least) / width), bins - 1)]++;
  return counts;
}

function summarize(numbers: readonly number[], bins: number, { title }: HistogramOptions): string {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  const [least, greatest] = extent(numbers).map(sixDigits);
  const moments = `mean ${sixDigits(mean)}, std ${sixDigits(Math.sqrt(variance))}`;
  return `${title ?? "Histogram"}\n${numbers.length} values in ${bins} bins, ${moments}, min ${least}, max ${greatest}`;
}
