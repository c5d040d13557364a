import { lightTemplate, type PlotlyJson } from "../theme";
import { axisOf, ticksOf, type Axis } from "./axis";
import { hexOf } from "./colour";
import { shadingOf } from "./grids";
import { across, down, pixelAcross, pixelDown, type Plane } from "./plane";
import { list, number, object, string, titleIn } from "./read";
import { sceneOf } from "./scene";
import { element, gridInk, ink, lettering, linesOf, widthOf, type Frame } from "./svg";
import { kinds } from "./traces";

const width = 900; // pixels
const usualHeight = 450;
const sizes = { title: 22, label: 17, tick: 15, note: 14 };
const sceneTypes = ["surface", "scatter3d"];
const { font, colorway } = lightTemplate.layout as { font: { family: string }; colorway: readonly string[] };

/** What a picture is made of: Plotly's JSON. */
export interface Drawing {
  readonly data: readonly PlotlyJson[];
  readonly layout: PlotlyJson;
}

/**
 * A figure as a static picture, an SVG document, for where no script runs: about what Plotly draws, less what moves.
 * Nothing, if it has traces of kinds that are not drawn here, or none.
 */
export function pictureOf({ data, layout }: Drawing): string | undefined {
  const shown = data.filter(({ visible }) => visible !== false && visible !== "legendonly");
  const isScene = shown.every(({ type }) => sceneTypes.includes(String(type)));
  const isPlane = shown.every((trace) => Object.hasOwn(kinds, typeOf(trace)));
  if (shown.length === 0 || !(isScene || isPlane)) return undefined;
  const sliders = list(layout.sliders).length > 0 ? 100 : 0;
  const height = (number(layout.height) ?? usualHeight) - sliders;
  try {
    const page = { data: shown, layout, height };
    return documentOf(height, [titleOf(layout), ...(isScene ? scene(page) : plots(page))].join(""));
  } catch {
    // A picture of what others have made, in ways that are not known here, is no reason to show nothing.
    return undefined;
  }
}

interface Page extends Drawing {
  readonly height: number;
}

function typeOf({ type }: PlotlyJson): string {
  return string(type) ?? "scatter";
}

function documentOf(height: number, content: string): string {
  const ground = element("rect", { width, height, fill: "#ffffff" });
  const viewBox = `0 0 ${width} ${height}`;
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox,
    width,
    height,
    "font-family": font.family,
  };
  return element("svg", attributes, ground + content);
}

function titleOf(layout: PlotlyJson): string {
  const title = titleIn(layout);
  return title === "" ? "" : lettering(title, [0.02 * width, 12], { size: sizes.title, base: "below" });
}

interface Margins {
  readonly l: number;
  readonly r: number;
  readonly t: number;
  readonly b: number;
}

function marginsOf({ margin }: PlotlyJson): Margins {
  const given = object(margin);
  const of = (side: string, usual: number): number => number(given[side]) ?? usual;
  return { l: of("l", 70), r: of("r", 30), t: of("t", 60), b: of("b", 60) };
}

function inside({ l, r, t, b }: Margins, height: number): Frame {
  return { left: l, top: t, width: width - l - r, height: height - t - b };
}

function scene({ data, layout, height }: Page): string[] {
  const frame = inside(marginsOf(layout), height);
  const notes = list(layout.annotations).map((note) => annotation(object(note), frame, undefined));
  return [sceneOf(data, object(layout.scene), frame), ...legend(data, layout, frame), ...notes];
}

/** One pair of axes with its traces. */
interface Plot {
  readonly xName: string;
  readonly yName: string;
  readonly traces: readonly PlotlyJson[];
  readonly x: Axis;
  readonly y: Axis;
}

function plots({ data, layout, height }: Page): string[] {
  const pairs = [...new Set(data.map((trace) => `${axisName(trace, "x")} ${axisName(trace, "y")}`))];
  const all = pairs.map((pair): Plot => {
    const [xName, yName] = pair.split(" ");
    const traces = data.filter((trace) => axisName(trace, "x") === xName && axisName(trace, "y") === yName);
    const spans = traces.map((trace) => kinds[typeOf(trace)].spans(trace));
    return {
      ...{ xName, yName, traces },
      x: axisOf(object(layout[xName]), spans.map(({ x }) => x)), // prettier-ignore
      y: axisOf(object(layout[yName]), spans.map(({ y }) => y)), // prettier-ignore
    };
  });
  const frame = inside(withRoom(marginsOf(layout), data, layout, all), height);
  const planes = all.map((plot, index) => ({
    plot,
    frame: squared(plot, cellOf(plot, frame, layout), index),
  }));
  const drawn = planes.map(({ plot, frame: own }, index) => drawPlot(plot, own, { data, index }));
  const notes = list(layout.annotations).map((note) => {
    const { xref, yref } = object(note);
    const named = (ref: unknown, letter: string) =>
      letter + "axis" + (string(ref)?.split(" ")[0].slice(1) ?? "");
    const owner = planes.find(
      ({ plot }) => [named(xref, "x"), named(yref, "y")].join() === [plot.xName, plot.yName].join(),
    );
    return annotation(object(note), frame, owner && planeOf(owner.plot, owner.frame));
  });
  return [...drawn, colourBar(data, frame), ...legend(data, layout, frame), ...notes];
}

/** `x2` as the layout has it: `xaxis2`. */
function axisName(trace: PlotlyJson, letter: "x" | "y"): string {
  const id = string(trace[`${letter}axis`]) ?? letter;
  return `${letter}axis${id.slice(1)}`;
}

/** Margins in which labels have room, as Plotly's `automargin` has. */
function withRoom(
  margins: Margins,
  data: readonly PlotlyJson[],
  layout: PlotlyJson,
  all: readonly Plot[],
): Margins {
  const labels = all.filter(({ y }) => y.layout.visible !== false).flatMap(({ y }) => ticksOf(y, 6));
  const longest = Math.max(0, ...labels.map(({ label }) => widthOf(label, sizes.tick)));
  const title = all.some(({ y }) => titleIn(y.layout) !== "") ? 2 * sizes.label : 0;
  const beside = isLegendBeside(layout) ? legendWidth(namedIn(data, layout)) : 0;
  const bar = data.some((trace) => barOf(trace) !== undefined) ? 110 : 0;
  return { ...margins, l: Math.max(margins.l, longest + title + 12), r: Math.max(margins.r, beside + bar) };
}

/** The place of a plot in the layout's grid. */
function cellOf({ xName, x, y }: Plot, frame: Frame, layout: PlotlyJson): Frame {
  const { rows, columns, xgap, ygap } = object(layout.grid);
  if (number(rows) === undefined || number(columns) === undefined) return withinDomains(frame, x, y);
  const index = Number(xName.slice("xaxis".length) || 1) - 1;
  const part = (count: number, gap: number, at: number): readonly [number, number] => {
    const size = 1 / (count - gap);
    return [at * size, size * (1 - gap)];
  };
  const [down, along] = [Math.floor(index / (columns as number)), index % (columns as number)];
  const [left, wide] = part(columns as number, number(xgap) ?? 0.2, along);
  const [top, high] = part(rows as number, number(ygap) ?? 0.3, down);
  return {
    left: frame.left + left * frame.width,
    width: wide * frame.width,
    top: frame.top + top * frame.height,
    height: high * frame.height,
  };
}

function withinDomains(frame: Frame, x: Axis, y: Axis): Frame {
  const domain = ({ layout }: Axis): number[] => {
    const [from, to] = list(layout.domain).map(Number);
    return from < to ? [from, to] : [0, 1];
  };
  const [[left, right], [low, high]] = [domain(x), domain(y)];
  return {
    left: frame.left + left * frame.width,
    width: (right - left) * frame.width,
    top: frame.top + (1 - high) * frame.height,
    height: (high - low) * frame.height,
  };
}

/** A unit of x as long as one of y, where the layout wants that. */
function squared({ x, y }: Plot, frame: Frame, index: number): Frame {
  const id = index === 0 ? "" : String(index + 1);
  const isSquare = y.layout.scaleanchor === `x${id}` || x.layout.scaleanchor === `y${id}`;
  if (!isSquare) return frame;
  const [across, up] = [x, y].map(({ range }) => Math.abs(range[1] - range[0]));
  const unit = Math.min(frame.width / across, frame.height / up);
  const [wide, high] = [unit * across, unit * up];
  return {
    ...{ width: wide, height: high },
    left: frame.left + (frame.width - wide) / 2,
    top: frame.top + (frame.height - high) / 2,
  };
}

function planeOf({ x, y }: Plot, frame: Frame, colour = ink): Plane {
  return { frame, x, y, colour };
}

function drawPlot(
  plot: Plot,
  frame: Frame,
  { data, index }: { readonly data: readonly PlotlyJson[]; readonly index: number },
): string {
  const clip = `clip${index}`;
  const { left: x, top: y, width: wide, height: high } = frame;
  const window = element("clipPath", { id: clip }, element("rect", { x, y, width: wide, height: high }));
  const traces = plot.traces.map((trace) => {
    const colour = colorway[data.indexOf(trace) % colorway.length];
    return kinds[typeOf(trace)].draw(trace, planeOf(plot, frame, colour));
  });
  const scales = scaleX(plot, frame) + scaleY(plot, frame);
  return window + scales + element("g", { "clip-path": `url(#${clip})` }, traces.join(""));
}

function scaleX({ x }: Plot, frame: Frame): string {
  if (x.layout.visible === false) return "";
  const { left, top, width: wide, height: high } = frame;
  const bottom = top + high;
  const ticks = ticksOf(x, Math.max(2, wide / 90)).map(({ place, label }) => {
    const at = pixelAcross(frame, x.range, place);
    const line = element("path", {
      d: `M${at.toFixed(1)} ${top.toFixed(1)}v${high.toFixed(1)}`,
      stroke: gridInk,
    });
    return line + lettering(label, [at, bottom + 6], { size: sizes.tick, anchor: "middle", base: "below" });
  });
  const title = lettering(titleIn(x.layout), [left + wide / 2, bottom + 30], {
    ...{ size: sizes.label, anchor: "middle", base: "below" },
  });
  return ticks.join("") + title;
}

function scaleY({ y }: Plot, frame: Frame): string {
  if (y.layout.visible === false) return "";
  const { left, top, width: wide, height: high } = frame;
  const ticks = ticksOf(y, Math.max(2, high / 60));
  const longest = Math.max(0, ...ticks.map(({ label }) => widthOf(label, sizes.tick)));
  const drawn = ticks.map(({ place, label }) => {
    const at = pixelDown(frame, y.range, place);
    const line = element("path", {
      d: `M${left.toFixed(1)} ${at.toFixed(1)}h${wide.toFixed(1)}`,
      stroke: gridInk,
    });
    return line + lettering(label, [left - 6, at], { size: sizes.tick, anchor: "end", base: "about" });
  });
  const title = lettering(titleIn(y.layout), [left - longest - 18, top + high / 2], {
    ...{ size: sizes.label, anchor: "middle", turned: true },
  });
  return drawn.join("") + title;
}

/** Traces that the legend names. */
function namedIn(data: readonly PlotlyJson[], layout: PlotlyJson): readonly PlotlyJson[] {
  const named = data.filter(({ name, showlegend }) => string(name) && showlegend !== false);
  const asked = layout.showlegend === true || named.some(({ showlegend }) => showlegend === true);
  const shown = named.filter((trace) => barOf(trace) === undefined);
  return layout.showlegend === false || (shown.length < 2 && !asked) ? [] : shown;
}

function isLegendBeside(layout: PlotlyJson): boolean {
  return object(layout.legend).orientation !== "h";
}

const swatch = 26; // pixels

function legendWidth(named: readonly PlotlyJson[]): number {
  if (named.length === 0) return 0;
  return Math.max(...named.map(({ name }) => widthOf(String(name), sizes.tick))) + 2 * swatch;
}

function legend(data: readonly PlotlyJson[], layout: PlotlyJson, frame: Frame): string[] {
  const named = namedIn(data, layout);
  const isBeside = isLegendBeside(layout);
  const bar = data.some((trace) => barOf(trace) !== undefined) ? 100 : 0;
  let x = isBeside ? frame.left + frame.width + bar + 10 : frame.left;
  let y = isBeside ? frame.top + 8 : frame.top - 22;
  return named.map((trace) => {
    const label = String(trace.name);
    const colour = colourOf(trace, data.indexOf(trace));
    const drawn =
      element("rect", { x, y: y - 3, width: swatch - 8, height: 6, fill: colour }) +
      lettering(label, [x + swatch, y], { size: sizes.tick, base: "about" });
    if (isBeside) y += 24;
    else x += swatch + widthOf(label, sizes.tick) + 24;
    return drawn;
  });
}

function colourOf(trace: PlotlyJson, index: number): string {
  const { line, marker, fillcolor } = trace;
  const named = [object(line).color, object(marker).color, fillcolor].map(string);
  return named.find((colour) => colour !== undefined) ?? colorway[index % colorway.length];
}

/** Of a trace whose numbers are colours: what tells them apart. */
function barOf(trace: PlotlyJson): PlotlyJson | undefined {
  const marker = object(trace.marker);
  if (marker.showscale === true) return { ...marker, z: [list(marker.color)] };
  return ["heatmap", "contour"].includes(typeOf(trace)) && trace.showscale !== false ? trace : undefined;
}

function colourBar(data: readonly PlotlyJson[], frame: Frame): string {
  const shaded = data.map(barOf).find((trace) => trace !== undefined);
  if (shaded === undefined) return "";
  const { range, colourOf: shade } = shadingOf(shaded);
  const place = { left: frame.left + frame.width + 14, top: frame.top, width: 18, height: frame.height };
  const steps = 32;
  const parts = Array.from({ length: steps }, (_, index) => {
    const fill = hexOf(shade(range[0] + ((steps - index - 0.5) / steps) * (range[1] - range[0])));
    const high = place.height / steps;
    return element("rect", {
      x: place.left,
      y: place.top + index * high,
      width: 18,
      height: high + 0.5,
      fill,
    });
  });
  const axis = { layout: {}, isLog: false, names: undefined, range };
  const ticks = ticksOf(axis, 6).map(({ place: at, label }) => {
    const y = place.top + (place.height * (range[1] - at)) / (range[1] - range[0] || 1);
    return lettering(label, [place.left + 23, y], { size: sizes.tick, base: "about" });
  });
  const title = lettering(titleIn(object(shaded.colorbar)), [place.left, place.top - 8], {
    size: sizes.note,
  });
  return parts.join("") + ticks.join("") + title;
}

/** A text in the picture, in parts of the whole frame, of a plot, or where a plot has those values. */
function annotation(note: PlotlyJson, whole: Frame, owner: Plane | undefined): string {
  const text = string(note.text) ?? "";
  if (text === "") return "";
  const x = horizontal(note, whole, owner);
  const y = vertical(note, whole, owner);
  if (x === undefined || y === undefined) return "";
  const anchor = ({ left: "start", right: "end" } as const)[String(note.xanchor)] ?? "middle";
  const base = ({ bottom: "above", top: "below" } as const)[String(note.yanchor)] ?? "about";
  const place = [x + (number(note.xshift) ?? 0), y - (number(note.yshift) ?? 0)] as const;
  const size = number(object(note.font).size) ?? sizes.label;
  const lines = linesOf(text).length;
  return lettering(text, place, { size: lines > 3 ? Math.min(size, sizes.note) : size, anchor, base });
}

function horizontal({ xref, x }: PlotlyJson, whole: Frame, owner: Plane | undefined): number | undefined {
  const ref = string(xref) ?? "x";
  const frame = ref.endsWith("domain") ? owner?.frame : ref === "paper" ? whole : undefined;
  if (frame !== undefined) return frame.left + (number(x) ?? 0) * frame.width;
  return owner && across({ ...owner, x: inUnits(owner.x) })(x);
}

function vertical({ yref, y }: PlotlyJson, whole: Frame, owner: Plane | undefined): number | undefined {
  const ref = string(yref) ?? "y";
  const frame = ref.endsWith("domain") ? owner?.frame : ref === "paper" ? whole : undefined;
  if (frame !== undefined) return frame.top + (1 - (number(y) ?? 0)) * frame.height;
  return owner && down({ ...owner, y: inUnits(owner.y) })(y);
}

/** Annotations tell their places in an axis's own units: decades of a logarithmic one. */
function inUnits(axis: Axis): Axis {
  return { ...axis, isLog: false };
}
