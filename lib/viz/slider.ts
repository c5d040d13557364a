import { isListOf } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { Figure, isFigure } from "./figure";
import type { PlotlyJson } from "./theme";
import { sixDigits } from "./values";

export interface SliderOptions<Value> {
  /** What is slid, such as "learning rate". */
  readonly label?: string;
  /** The value that the figure opens on; the first unless given. */
  readonly initial?: Value;
}

/**
 * One figure with a slider: what `draw` gives for each of `values`, drawn now, so that it plays in a page without a
 * kernel: `await slider([0.1, 0.5, 0.9], (rate) => line(descent(rate)), { label: "learning rate" })`.
 *
 * The figures must agree in number and types of their traces; what they do not differ in is kept once. For a slider that
 * calls back into the kernel there is `widgets.slider`.
 */
export async function slider<Value extends number | string>(
  values: readonly Value[],
  draw: (value: Value) => Figure | Promise<Figure>,
  options: SliderOptions<NoInfer<Value>> = {},
): Promise<Figure> {
  checkOptions("slider", options, ["label", "initial"]);
  checkArguments(values, draw);
  const { label, initial = values[0] } = options;
  const active = values.indexOf(initial);
  if (active === -1) refuse("slider", `initial must be one of the values, got ${describe(initial)}`);
  const figures: Figure[] = [];
  for (const value of values) {
    figures.push(checkFigure(value, await draw(value), figures[0]));
  }
  const prefix = label === undefined ? "" : `${label} = `;
  const stops = stopsOf(figures).map((args, i) => ({ label: nameOf(values[i]), args }));
  const { data, layout } = figures[active].toJSON();
  const summary = summaryOf(figures, active, (i) => `${prefix}${nameOf(values[i])}`);
  return new Figure(data, withSlider(layout, stops, { active, prefix }), summary);
}

/** A position of a slider, and what Plotly's `update` is to be given there. */
export interface Stop {
  readonly label: string;
  /** Of the traces, of the layout, and which traces. */
  readonly args: readonly [PlotlyJson, PlotlyJson, readonly number[]];
}

const sliderHeight = 100; // CSS pixels

/** `layout` with a slider below the figure. */
export function withSlider(
  layout: PlotlyJson,
  stops: readonly Stop[],
  { active, prefix }: { active: number; prefix: string },
): PlotlyJson {
  const control = {
    active,
    steps: stops.map((stop) => ({ ...stop, method: "update" })),
    currentvalue: { prefix },
    pad: { t: 60 },
  };
  return { ...layout, sliders: [control], height: (layout.height as number) + sliderHeight };
}

function checkArguments(values: unknown, draw: unknown): void {
  const isValue = (x: unknown): boolean => typeof x === "number" || typeof x === "string";
  if (!isListOf(values, isValue) || (values as readonly unknown[]).length === 0)
    refuse("slider", `values must be a list of numbers or strings, got ${describe(values)}`);
  if (typeof draw !== "function")
    refuse("slider", `draw must be a function from a value to a figure, got ${describe(draw)}`);
}

function nameOf(value: number | string): string {
  return typeof value === "number" ? sixDigits(value) : value;
}

function checkFigure(value: number | string, figure: unknown, first: Figure | undefined): Figure {
  const where = `draw(${describe(value)})`;
  if (!isFigure(figure)) return refuse("slider", `${where} must give a figure, got ${describe(figure)}`);
  if ("sliders" in figure.layout) refuse("slider", `${where} gave a figure that has a slider already`);
  const [types, expected] = [figure, first ?? figure].map(({ data }) =>
    data.map(({ type }) => String(type)).join(", "),
  );
  if (types !== expected)
    refuse("slider", `all figures must have the same traces: ${where} gave ${types}, the first ${expected}`);
  return figure;
}

/** For each figure, all that is not the same in all of them. */
function stopsOf(figures: readonly Figure[]): Stop["args"][] {
  const layouts = figures.map((figure) => leaves(figure.toJSON().layout));
  const traces = figures.map(({ data }) => data.map((trace) => leaves(trace)));
  const ofTraces = traces[0].map((_, i) => differing(traces.map((figure) => figure[i])));
  const moving = [...ofTraces.keys()].filter((i) => ofTraces[i].length > 0);
  const paths = [...new Set(ofTraces.flat())];
  const ofLayout = differing(layouts);
  return figures.map((_, f) => [
    Object.fromEntries(paths.map((path) => [path, moving.map((i) => traces[f][i].get(path) ?? null)])),
    Object.fromEntries(ofLayout.map((path) => [path, layouts[f].get(path) ?? null])),
    moving,
  ]);
}

/** The paths at which not all have the same value. */
function differing(all: readonly ReadonlyMap<string, unknown>[]): string[] {
  const paths = new Set(all.flatMap((values) => [...values.keys()]));
  return [...paths].filter((path) => new Set(all.map((values) => JSON.stringify(values.get(path)))).size > 1);
}

/** What is in nested objects, by Plotly's names for it: `marker.color`; lists are values as a whole. */
function leaves(value: PlotlyJson, prefix = ""): Map<string, unknown> {
  const entries = Object.entries(value).flatMap(([name, inner]): (readonly [string, unknown])[] => {
    const isNested = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isNested
      ? [...leaves(inner as PlotlyJson, `${prefix}${name}.`)]
      : [[`${prefix}${name}`, inner] as const];
  });
  return new Map(entries);
}

function summaryOf(figures: readonly Figure[], active: number, stop: (index: number) => string): string {
  const [title] = figures[active].summary.split("\n");
  const lines = figures.flatMap(({ summary }, i) => [
    stop(i),
    ...summary
      .split("\n")
      .slice(1)
      .map((line) => `  ${line}`),
  ]);
  return [title, ...lines].join("\n");
}
