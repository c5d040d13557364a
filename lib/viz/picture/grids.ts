/** Traces that are pixels: heat maps, contours, and pictures. */
import type { PlotlyJson } from "../theme";
import { extent, finiteExtent } from "../values";
import { placeOf, stepOf, type Axis, type Span } from "./axis";
import { rgbOf, scaleOf, type Rgb } from "./colour";
import { frameOf, type Plane } from "./plane";
import { image, raster } from "./raster";
import { list, number, object, string } from "./read";

/** Of those whose numbers are colours: the numbers as colours, and what they span. */
export interface Shading {
  readonly colourOf: (z: number) => Rgb;
  readonly range: readonly [number, number];
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

export function gridSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const rows = rowsOf(trace);
  const span = (given: readonly unknown[], count: number): Span => {
    const places = given.length > 0 ? given : Array.from({ length: count }, (_, index) => index);
    return { values: places, room: count > 1 ? 0.5 / (count - 1) : 0.5 };
  };
  return { x: span(list(trace.x), rows[0]?.length ?? 0), y: span(list(trace.y), rows.length) };
}

export function heatmap(trace: PlotlyJson, plane: Plane): string {
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

export function contourSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const { x, y } = gridSpans(trace);
  return { x: { ...x, room: 0 }, y: { ...y, room: 0 } };
}

/** Of the picture, along each side, to one of a contour: a figure is drawn in few milliseconds, in few bytes. */
const contourPixel = 2;
/** Along a side, however far the contours reach out of the picture. */
const mostContourPixels = 600;

/** The heights between levels each in a colour, a line along each level. */
export function contour(trace: PlotlyJson, plane: Plane): string {
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

export function imageSpans(trace: PlotlyJson): { x: Span; y: Span } {
  const [width, height] = sizeOf(trace);
  return { x: { values: [-0.5, width - 0.5], room: 0 }, y: { values: [-0.5, height - 0.5], room: 0 } };
}

export function picture(trace: PlotlyJson, plane: Plane): string {
  const [width, height] = sizeOf(trace);
  return image(string(trace.source) ?? "", frameOf(plane, [-0.5, width - 0.5], [-0.5, height - 0.5]));
}
