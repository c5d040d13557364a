import { checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { Figure } from "./figure";
import { gapAt, notesOn, placed } from "./gaps";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { blocksOf, greatestIn, thinningNote } from "./thin";
import {
  checkNumbers,
  drawable,
  finiteExtent,
  rounded,
  roundingWithin,
  sixDigits,
  type Numbers,
} from "./values";

export interface HistogramOptions extends FigureOptions {
  /** How many bins; by default Sturges's ⌈log₂ n⌉ + 1, and at least 10. */
  readonly bins?: number;
  readonly logY?: boolean;
}

export interface HistogramNumbers {
  readonly values: readonly number[];
}

/**
 * How often values occur, in bins of equal width between the least and the greatest; values that are all the same in one
 * bin. NaN and infinity are left out, and a note says how many. All values are in the figure's `numbers`.
 */
export function histogram(values: Numbers, options: HistogramOptions = {}): Figure<HistogramNumbers> {
  checkOptions("histogram", options, [...figureOptionNames, "bins", "logY"]);
  const given = checkNumbers("histogram", "values", values);
  const finite = given.filter((value) => gapAt(value) === undefined);
  const sturges = Math.max(10, Math.ceil(Math.log2(finite.length)) + 1);
  const bins = binsOf(finite, checkWhole("histogram", "bins", options.bins ?? sturges, 1));
  const shown = blocksOf(bins.counts.length);
  const highest = shown.map((block) => greatestIn(bins.counts, block));
  const round = roundingWithin(finiteExtent(finite));
  const bars = {
    type: "bar",
    x: highest.map((bin) => placed(bins.at(bin + 0.5), "linear", round)),
    y: highest.map((bin) => bins.counts[bin]),
    width: rounded(bins.width * (shown[0]?.[1] ?? 1)),
    marker: { color: palette.blue },
    hovertemplate: "%{y} near %{x}<extra></extra>",
  };
  const plane = planeLayout(options, { x: "value", y: "count" });
  const xaxis = { ...(plane.xaxis as PlotlyJson), ...(bins.range && { range: bins.range }) };
  const layout = { ...plane, xaxis, bargap: 0.04 };
  const text = summarize(finite, bins.counts.length, options);
  const notes = [...notesOn(given, "value"), ...thinningNote("bin", shown.length, bins.counts.length)];
  return new Figure([bars], withLogAxes(layout, options), text, { numbers: { values: given }, notes });
}

interface Bins {
  readonly counts: readonly number[];
  readonly width: number;
  /** The place of a bin's lower edge; of half a bin more, its middle. */
  readonly at: (bin: number) => number;
  /** What the axis shows, where that is more than the bins. */
  readonly range?: readonly [number, number];
}

function binsOf(values: readonly number[], count: number): Bins {
  const [least, greatest] = finiteExtent(values) ?? [];
  if (least === undefined || greatest === undefined) return { counts: [], width: 1, at: () => 0 };
  if (least === greatest) return binAbout(least, values.length);
  // Through halves and parts, as the difference of two numbers may be beyond all numbers.
  const span = greatest / 2 - least / 2;
  if (span < drawable.least) return binAbout(0, values.length);
  const counts = new Array<number>(count).fill(0);
  for (const value of values) {
    counts[Math.min(Math.floor(((value / 2 - least / 2) / span) * count), count - 1)]++;
  }
  const at = (bin: number): number => least * (1 - bin / count) + greatest * (bin / count);
  return { counts, at, width: greatest / count - least / count };
}

/** Values that are all `value`: one bin in the middle of an axis that is five as wide. */
function binAbout(value: number, count: number): Bins {
  const width = Math.abs(value) / 10 || 1;
  const at = (bin: number): number => value + (bin - 0.5) * width;
  return { counts: [count], width, at, range: [at(-2), at(3)] };
}

function summarize(values: readonly number[], bins: number, { title }: HistogramOptions): string {
  const [least, greatest] = finiteExtent(values) ?? [];
  const head = `${title ?? "Histogram"}\n${values.length} values`;
  if (least === undefined || greatest === undefined) return head;
  if (least === greatest) return `${head}, all ${sixDigits(least)}`;
  // In parts of the greatest magnitude: squares of what is huge or tiny are no numbers.
  const unit = Math.max(Math.abs(least), Math.abs(greatest));
  const parts = values.map((value) => value / unit);
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const variance = parts.reduce((sum, part) => sum + (part - mean) ** 2, 0) / parts.length;
  const moments = `mean ${sixDigits(unit * mean)}, std ${sixDigits(unit * Math.sqrt(variance))}`;
  return `${head} in ${bins} bins, ${moments}, min ${sixDigits(least)}, max ${sixDigits(greatest)}`;
}
