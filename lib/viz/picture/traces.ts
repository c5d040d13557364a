import type { PlotlyJson } from "../theme";
import { extent, finiteExtent } from "../values";
import { placeOf, stepOf, type Axis, type Span } from "./axis";
import { hexOf, rgbOf, scaleOf, type Rgb } from "./colour";
import { image, raster } from "./raster";
import { each, list, number, object, string } from "./read";
import { element, lettering, tenth, type Frame } from "./svg";

/** Where a trace is drawn. */
export interface Plane {
  readonly frame: Frame;
  readonly x: Axis;
  readonly y: Axis;
  /** A trace's colour where it names none. */
  readonly colour: string;
}

/** How a kind of trace is drawn. */
interface Kind {
  readonly spans: (trace: PlotlyJson) => { readonly x: Span; readonly y: Span };
  readonly draw: (trace: PlotlyJson, plane: Plane) => string;
}

/** Of those whose numbers are colours: the numbers as colours, and what they span. */
export interface Shading {
  readonly colourOf: (z: number) => Rgb;
  readonly range: readonly [number, number];
}

const lineRoom = 0.06;

export const kinds: Readonly<Record<string, Kind>> = {
  scatter: { spans: scatterSpans, draw: scatter },
  bar: { spans: barSpans, draw: bars },
  heatmap: { spans: gridSpans, draw: heatmap },
  contour: { spans: contourSpans, draw: contour },
  image: { spans: imageSpans, draw: picture },
};

/** From a value on an axis to a pixel across, or down. */
function across({ frame, x }: Plane): (value: unknown) => number | undefined {
  const [from, to] = x.range;
  return (value) => {
    const place = placeOf(x, value);
    return place === undefined ? undefined : frame.left + (frame.width * (place - from)) / (to - from);
  };
}

function down({ frame, y }: Plane): (value: unknown) => number | undefined {
  const [from, to] = y.range;
  return (value) => {
    const place = placeOf(y, value);
    return place === undefined ? undefined : frame.top + (frame.height * (to - place)) / (to - from);
  };
}

/** Values along an axis, which are counted where they are not given. */
function along(trace: PlotlyJson, axis: "x" | "y"): readonly unknown[] {
  const given = list(trace[axis]);
  const other = list(trace[axis === "x" ? "y" : "x"]);
  return given.length > 0 ? given : other.map((_, index) => index);
}

function modeOf(trace: PlotlyJson): string {
  return string(trace.mode) ?? (along(trace, "x").length < 20 ? "lines+markers" : "lines");
}

function scatterSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const room = modeOf(trace).includes("markers") ? lineRoom : 0;
  return {
    x: { values: along(trace, "x"), room },
    y: {
      values: [...along(trace, "y"), ...(string(trace.fill)?.startsWith("tozero") ? [0] : [])],
      room: lineRoom,
    },
  };
}

function scatter(trace: PlotlyJson, plane: Plane): string {
  const [ys, toX, toY] = [along(trace, "y"), across(plane), down(plane)];
  const points = along(trace, "x").map((x, index) => [toX(x), toY(ys[index])] as const);
  const mode = modeOf(trace);
  return [
    ...(mode.includes("lines") || trace.fill !== undefined ? [strokes(trace, points, plane)] : []),
    ...(mode.includes("markers") ? [marks(trace, points, plane)] : []),
    ...(mode.includes("text") ? [words(trace, points)] : []),
  ].join("");
}

type Point = readonly [number | undefined, number | undefined];

const far = 1e5; // pixels; beyond, some viewers draw nothing

function strokes(trace: PlotlyJson, points: readonly Point[], { colour, frame }: Plane): string {
  const { color, width, dash, shape } = object(trace.line);
  const stroke = string(color) ?? string(object(trace.marker).color) ?? colour;
  const filled = string(trace.fill) ?? "none";
  const isFilled = filled !== "none";
  const stroked = number(width) ?? 2;
  const floor = filled.startsWith("tozero") ? tenth(frame.top + frame.height) : undefined;
  return element("path", {
    d: pathOf(points, string(shape)?.startsWith("hv") ?? false, floor),
    fill: isFilled ? (string(trace.fillcolor) ?? stroke) : "none",
    "fill-opacity": isFilled && trace.fillcolor === undefined ? 0.5 : undefined,
    stroke: stroked > 0 ? stroke : "none",
    "stroke-width": stroked,
    "stroke-linejoin": "round",
    "stroke-dasharray": string(dash) && dash !== "solid" ? (dash === "dot" ? "2 4" : "8 5") : undefined,
    opacity: number(trace.opacity),
  });
}

/** Lines through points, with a gap where one has no place. What is nearer than half a pixel is left out. */
function pathOf(points: readonly Point[], isStepped: boolean, floor: string | undefined): string {
  const parts: string[] = [];
  let last: readonly [number, number] | undefined;
  let start = 0;
  const close = (): void => {
    if (floor !== undefined && last !== undefined) parts.push(`V${floor}H${tenth(start)}Z`);
  };
  for (const [index, [x, y]] of points.entries()) {
    if (x === undefined || y === undefined || Math.abs(x) > far || Math.abs(y) > far) {
      close();
      last = undefined;
      continue;
    }
    const isNear = last !== undefined && Math.abs(x - last[0]) < 0.5 && Math.abs(y - last[1]) < 0.5;
    if (isNear && index < points.length - 1) continue;
    if (last === undefined) start = x;
    const step = isStepped && last !== undefined ? `H${tenth(x)}` : "";
    parts.push(`${step}${last === undefined ? "M" : "L"}${tenth(x)} ${tenth(y)}`);
    last = [x, y];
  }
  close();
  return parts.join("");
}

const mostMarks = 3000;

function marks(trace: PlotlyJson, points: readonly Point[], { colour, frame }: Plane): string {
  const { size, symbol, opacity, angle, line } = object(trace.marker);
  const fill = markColours(trace, colour);
  const stride = Math.ceil(points.length / mostMarks);
  const drawn = points.flatMap(([x, y], index) => {
    const isWithin =
      x !== undefined &&
      y !== undefined &&
      isInside(x, frame.left, frame.width) &&
      isInside(y, frame.top, frame.height);
    if (!isWithin || index % stride > 0) return [];
    const mark = {
      ...{ x, y, radius: (number(each(size, index)) ?? 6) / 2, angle: number(each(angle, index)) ?? 0 },
      symbol: string(each(symbol, index)) ?? "circle",
    };
    return [symbolOf(mark, { fill: fill(index), opacity: number(each(opacity, index)) })];
  });
  const { color, width } = object(line);
  const outline = { stroke: string(color), "stroke-width": number(width) };
  return element("g", { ...outline, opacity: number(trace.opacity) }, drawn.join(""));
}

function isInside(x: number, from: number, size: number): boolean {
  return x >= from - 5 && x <= from + size + 5;
}

function markColours(trace: PlotlyJson, otherwise: string): (index: number) => string {
  const marker = object(trace.marker);
  const numbers = list(marker.color).filter((value) => typeof value === "number");
  if (numbers.length === 0) {
    const all = string(object(trace.line).color) ?? otherwise;
    return (index) => string(each(marker.color, index)) ?? all;
  }
  const { colourOf } = shadingOf({ ...marker, z: [numbers] });
  return (index) => hexOf(colourOf(number(each(marker.color, index)) ?? 0));
}

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly symbol: string;
  readonly angle: number;
}

/** The corners of symbols, in parts of their radius; others are drawn as circles. */
const corners: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  square: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]], // prettier-ignore
  diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]], // prettier-ignore
  "triangle-up": [[0, -1.1], [1, 0.7], [-1, 0.7]], // prettier-ignore
  "triangle-down": [[0, 1.1], [1, -0.7], [-1, -0.7]], // prettier-ignore
  arrow: [[0, 0], [0.6, 1.6], [-0.6, 1.6]], // prettier-ignore
  star: Array.from({ length: 10 }, (_, i) => {
    const [radius, turn] = [i % 2 === 0 ? 1.3 : 0.55, (Math.PI * i) / 5];
    return [radius * Math.sin(turn), -radius * Math.cos(turn)] as const;
  }),
  cross: [
    ...[[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4]], // prettier-ignore
    ...[[0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]], // prettier-ignore
  ] as [number, number][],
};

export function symbolOf(
  { x, y, radius, symbol, angle }: Mark,
  paint: { readonly fill: string; readonly opacity?: number },
): string {
  const outline = Object.hasOwn(corners, symbol) ? corners[symbol] : undefined;
  if (outline === undefined) return element("circle", { cx: x, cy: y, r: radius, ...paint });
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const places = outline.map(([a, b]) => {
    return `${tenth(x + radius * (a * cos - b * sin))} ${tenth(y + radius * (a * sin + b * cos))}`;
  });
  return element("path", { d: `M${places.join("L")}Z`, ...paint });
}

function words(trace: PlotlyJson, points: readonly Point[]): string {
  return points
    .map(([x, y], index) => {
      const text = string(each(trace.text, index));
      if (text === undefined || x === undefined || y === undefined) return "";
      return lettering(text, [x, y - 6], { size: 13, anchor: "middle" });
    })
    .join("");
}

function barSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const isLying = trace.orientation === "h";
  const [places, lengths] = isLying ? (["y", "x"] as const) : (["x", "y"] as const);
  const wide = { values: edgesOf(trace, places), room: 0 };
  const long = { values: [...along(trace, lengths), 0], room: lineRoom };
  return isLying ? { x: long, y: wide } : { x: wide, y: long };
}

/** The least and the greatest place that bars touch. */
function edgesOf(trace: PlotlyJson, axis: "x" | "y"): readonly unknown[] {
  const places = along(trace, axis);
  const widths = widthsOf(trace, places);
  return places.flatMap((place, index) =>
    typeof place === "number" ? [place - widths(index) / 2, place + widths(index) / 2] : [place],
  );
}

function widthsOf(trace: PlotlyJson, places: readonly unknown[]): (index: number) => number {
  const numbers = places.filter((place) => typeof place === "number").sort((a, b) => a - b);
  const steps = numbers.slice(1).map((place, index) => place - numbers[index]);
  const least = extent(steps.filter((step) => step > 0))[0];
  return (index) => number(each(trace.width, index)) ?? (Number.isFinite(least) ? least : 1) * 0.85;
}

function bars(trace: PlotlyJson, plane: Plane): string {
  const isLying = trace.orientation === "h";
  const [places, lengths] = isLying ? (["y", "x"] as const) : (["x", "y"] as const);
  const [toX, toY] = [across(plane), down(plane)];
  const [wide, long] = isLying ? [toY, toX] : [toX, toY];
  const at = along(trace, places);
  const widths = widthsOf(trace, at);
  const { frame } = plane;
  const ground = long(0) ?? (isLying ? frame.left : frame.top + frame.height);
  const fill = markColours(trace, plane.colour);
  const { color, width } = object(object(trace.marker).line);
  const drawn = along(trace, lengths).map((length, index) => {
    const place = placeOf(isLying ? plane.y : plane.x, at[index]);
    const [from, to] =
      place === undefined ? [] : [-1, 1].map((side) => edge(place + (side * widths(index)) / 2));
    const end = long(length);
    if (from === undefined || to === undefined || end === undefined) return "";
    const box = { least: Math.min(from, to), size: Math.abs(to - from), start: Math.min(end, ground) };
    const extent = Math.abs(end - ground);
    const rectangle = isLying
      ? { x: box.start, y: box.least, width: extent, height: box.size }
      : { x: box.least, y: box.start, width: box.size, height: extent };
    return element("rect", { ...rectangle, fill: fill(index) });
  });
  const outline = { stroke: string(color), "stroke-width": number(width), opacity: number(trace.opacity) };
  return element("g", outline, drawn.join(""));

  function edge(place: number): number | undefined {
    const { names, isLog } = isLying ? plane.y : plane.x;
    return wide(names === undefined && isLog ? 10 ** place : place);
  }
}

/** The rows of a grid of numbers. */
function rowsOf(trace: PlotlyJson): readonly (readonly unknown[])[] {
  return list(trace.z).map(list);
}

export function shadingOf(trace: PlotlyJson): Shading {
  const flat = rowsOf(trace)
    .flat()
    .filter((value) => typeof value === "number");
  const [least, greatest] = finiteExtent(flat) ?? [0, 1];
  const range = [
    number(trace.zmin ?? trace.cmin) ?? least,
    number(trace.zmax ?? trace.cmax) ?? greatest,
  ] as const;
  const scale = scaleOf(trace.colorscale, trace.reversescale === true);
  const size = range[1] - range[0] || 1;
  return { range, colourOf: (z) => scale((z - range[0]) / size) };
}

function gridSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const rows = rowsOf(trace);
  const span = (given: readonly unknown[], count: number): Span => {
    const places = given.length > 0 ? given : Array.from({ length: count }, (_, index) => index);
    return { values: places, room: count > 1 ? 0.5 / (count - 1) : 0.5 };
  };
  return { x: span(list(trace.x), rows[0]?.length ?? 0), y: span(list(trace.y), rows.length) };
}

function heatmap(trace: PlotlyJson, plane: Plane): string {
  const rows = rowsOf(trace);
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  if (height === 0 || width === 0) return "";
  const { colourOf } = shadingOf(trace);
  const spans = gridSpans(trace);
  const frame = frameOf(plane, endsOf(plane.x, spans.x), endsOf(plane.y, spans.y));
  const isUpright = plane.y.range[0] < plane.y.range[1];
  return raster(
    { height, width },
    (row, column) => {
      const z = rows[isUpright ? height - 1 - row : row][column];
      return typeof z === "number" ? colourOf(z) : undefined;
    },
    frame,
  );
}

/** The least and the greatest place of a grid's cells, their room included. */
function endsOf(axis: Axis, { values, room }: Span): [number, number] {
  const places = values.flatMap((value) => placeOf(axis, value) ?? []);
  const [least, greatest] = extent(places);
  const beyond = room * (greatest - least || 1);
  return [least - beyond, greatest + beyond];
}

/** The frame of what lies between two places on each axis. */
function frameOf(
  { frame, x, y }: Plane,
  [left, right]: [number, number],
  [low, high]: [number, number],
): Frame {
  const share = ([from, to]: readonly [number, number], place: number): number =>
    (place - from) / (to - from);
  const xs = extent([share(x.range, left), share(x.range, right)]);
  const ys = extent([1 - share(y.range, low), 1 - share(y.range, high)]);
  return {
    left: frame.left + xs[0] * frame.width,
    width: (xs[1] - xs[0]) * frame.width,
    top: frame.top + ys[0] * frame.height,
    height: (ys[1] - ys[0]) * frame.height,
  };
}

function contourSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const { x, y } = gridSpans(trace);
  return { x: { ...x, room: 0 }, y: { ...y, room: 0 } };
}

/** Of the picture, along each side, to one of a contour: a figure is drawn in few milliseconds, in few bytes. */
const contourPixel = 2;
/** Along a side, however far the contours reach out of the picture. */
const mostContourPixels = 600;

/** The heights between levels each in a colour, a line along each level. */
function contour(trace: PlotlyJson, plane: Plane): string {
  const rows = rowsOf(trace);
  const spans = contourSpans(trace);
  const frame = frameOf(plane, endsOf(plane.x, spans.x), endsOf(plane.y, spans.y));
  const [height, width] = [frame.height, frame.width].map((size) =>
    Math.min(Math.ceil(size / contourPixel), mostContourPixels),
  );
  const { range, colourOf } = shadingOf(trace);
  const step = stepOf(range[1] - range[0], number(trace.ncontours) ?? 15, 0);
  const isUpright = plane.y.range[0] < plane.y.range[1];
  const levels = new Float64Array(height * width);
  for (let row = 0; row < height; row++) {
    const down = row / Math.max(1, height - 1);
    for (let column = 0; column < width; column++) {
      const z = heightAt(rows, isUpright ? 1 - down : down, column / Math.max(1, width - 1));
      levels[row * width + column] = Math.floor(z / step);
    }
  }
  const line = rgbOf(string(object(trace.line).color) ?? "#444444");
  const colours = new Map<number, Rgb>();
  return raster(
    { height, width },
    (row, column) => {
      const at = row * width + column;
      const level = levels[at];
      if (Number.isNaN(level)) return undefined;
      const [right, below] = [column + 1 < width ? levels[at + 1] : level, levels[at + width] ?? level];
      if ((right !== level && !Number.isNaN(right)) || (below !== level && !Number.isNaN(below))) return line;
      if (!colours.has(level)) colours.set(level, colourOf((level + 0.5) * step));
      return colours.get(level);
    },
    frame,
  );
}

/** Between the four numbers about a place, its parts of the way along the rows and columns; NaN where one is missing. */
function heightAt(rows: readonly (readonly unknown[])[], down: number, across: number): number {
  const [row, column] = [down * (rows.length - 1), across * (rows[0].length - 1)];
  const top = Math.min(Math.floor(row), rows.length - 2);
  const left = Math.min(Math.floor(column), rows[0].length - 2);
  const upper = mixed(rows[top][left], rows[top][left + 1], column - left);
  const lower = mixed(rows[top + 1][left], rows[top + 1][left + 1], column - left);
  return upper + (row - top) * (lower - upper);
}

function mixed(from: unknown, to: unknown, share: number): number {
  return typeof from === "number" && typeof to === "number" ? from + share * (to - from) : NaN;
}

/** Of a picture file, its size in pixels. */
function sizeOf(trace: PlotlyJson): readonly [number, number] {
  const source = string(trace.source) ?? "";
  const head = Buffer.from(source.slice(source.indexOf(",") + 1, source.indexOf(",") + 65), "base64");
  return head.length < 24 ? [1, 1] : [head.readUInt32BE(16), head.readUInt32BE(20)];
}

function imageSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const [width, height] = sizeOf(trace);
  return { x: { values: [-0.5, width - 0.5], room: 0 }, y: { values: [-0.5, height - 0.5], room: 0 } };
}

function picture(trace: PlotlyJson, plane: Plane): string {
  const [width, height] = sizeOf(trace);
  return image(string(trace.source) ?? "", frameOf(plane, [-0.5, width - 0.5], [-0.5, height - 0.5]));
}
