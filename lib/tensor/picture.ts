/** Tensors as small pictures. */
import { encode } from "fast-png";
import type { DType, TypedArray } from "../util/dtypes";
import { palette } from "../util/palette";
import type { Shape } from "../util/shapes";

export interface Picture {
  readonly png: Uint8Array;
  /** In pixels of the page. */
  readonly width: number;
  readonly height: number;
  /** What its colours mean. */
  readonly legend: string;
}

/** An element's colour: red, green, blue, of 255. */
type Color = readonly number[];

/** Rows of pixels, and the channels of each. */
interface PictureSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Sides shorter than this are read faster than seen. */
const leastSide = 4;
/** Pixels of the page that the longer side has at most; longer tensors are averaged. */
const longestSide = 256;
const mostElements = 2 ** 22;
/** Longer side to shorter, at most: beyond, a picture is a line. */
const mostElongated = 16;
/** Axes [1 | 3 | 4, height, width] of at least this are an image's. */
const leastImage = 8;

/** A picture of a matrix [h, w] or of an image [1 | 3 | 4, h, w]; undefined for what is neither, or too small or large. */
export function pictureOf(data: TypedArray, shape: Shape, dtype: DType): Picture | undefined {
  const layout = layoutOf(shape);
  if (!layout) return undefined;
  const step = Math.ceil(Math.max(layout.height, layout.width) / longestSide);
  const small = { ...layout, height: Math.ceil(layout.height / step), width: Math.ceil(layout.width / step) };
  const painted = paint(averaged(data, layout, small, step), small.channels, shape.length, dtype);
  if (!painted) return undefined;
  const { colors, legend } = painted;
  const zoom = Math.max(1, Math.floor((longestSide * 0.75) / Math.max(small.height, small.width)));
  const pixels = { ...small, channels: colors.length / (small.height * small.width), data: colors };
  return {
    png: encode(pixels),
    width: small.width * zoom,
    height: small.height * zoom,
    legend: step === 1 ? legend : `${legend}, means of ${step} × ${step}`,
  };
}

function layoutOf(shape: Shape): PictureSize | undefined {
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length < 2 || shape.length > 3 || ![1, 3, 4].includes(channels)) return undefined;
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  if (short < (shape.length === 2 ? leastSide : leastImage)) return undefined;
  if (long > mostElongated * short || channels * height * width > mostElements) return undefined;
  return { height, width, channels };
}

/** The means of blocks of `step` by `step` elements, channels first. */
function averaged(data: TypedArray, from: PictureSize, to: PictureSize, step: number): Float64Array {
  const means = new Float64Array(to.channels * to.height * to.width);
  if (step === 1) {
    means.set(data);
    return means;
  }
  const rowAt = (c: number, y: number): number => (c * to.height + Math.floor(y / step)) * to.width;
  const within = (n: number, i: number): number => Math.min(step, n - step * Math.floor(i / step));
  for (let c = 0, next = 0; c < from.channels; c++) {
    for (let y = 0; y < from.height; y++) {
      const row = rowAt(c, y);
      const rows = within(from.height, y);
      for (let x = 0; x < from.width; x++)
        means[row + Math.floor(x / step)] += data[next++] / (rows * within(from.width, x));
    }
  }
  return means;
}

/** Pixels, their channels last, and what the colours mean; undefined where four channels are not colours and opacity. */
function paint(
  values: Float64Array,
  channels: number,
  ndim: number,
  dtype: DType,
): { colors: Uint8Array; legend: string } | undefined {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const range = ndim === 3 ? imageRange(low, high, dtype) : ([low, high] as const);
  const holes = values.some(Number.isNaN);
  if (channels > 1) {
    // Opacity has no scale but its own.
    if (channels === 4 && range[0] !== 0) return undefined;
    return {
      colors: colored(values, channels, range),
      legend: rangeLegend(range, "") + (holes ? ", NaN black" : ""),
    };
  }
  const reach = Math.max(-low, high);
  const diverging = low < 0 && high > 0;
  const color = diverging ? (v: number) => divergingColor(v / reach) : (v: number) => grey(v, range);
  const legend = diverging
    ? `vermillion ${short(-reach)}, white 0, blue ${short(reach)}`
    : rangeLegend(range, "black ", "white ");
  const colors = Uint8Array.from(Array.from(values, (v) => (Number.isNaN(v) ? pink : color(v))).flat());
  return { colors, legend: legend + (holes ? ", NaN pink" : "") };
}

type Range = readonly [low: number, high: number];

/** What is dark and what is bright in an image: [0, 1], or [0, 255] of integers, else what there is. */
function imageRange(low: number, high: number, dtype: DType): Range {
  if (low >= 0 && high <= 1) return [0, 1];
  return low >= 0 && high <= 255 && (dtype === "int32" || dtype === "uint32") ? [0, 255] : [low, high];
}

function rangeLegend([low, high]: Range, dark: string, bright = dark): string {
  return low > high ? "nothing finite" : `${dark}${short(low)} to ${bright}${short(high)}`;
}

function short(v: number): string {
  return String(Number(v.toPrecision(3))).replace("-", "−");
}

function brightness(v: number, [low, high]: Range): number {
  const part = high > low ? (v - low) / (high - low) : 0.5;
  return Number.isNaN(part) ? 0 : Math.round(255 * Math.min(1, Math.max(0, part)));
}

function grey(v: number, range: Range): Color {
  const level = brightness(v, range);
  return [level, level, level];
}

function colored(values: Float64Array, channels: number, range: Range): Uint8Array {
  const size = values.length / channels;
  return Uint8Array.from(values, (_, i) =>
    brightness(values[(i % channels) * size + Math.floor(i / channels)], range),
  );
}

const [negative, neutral, positive, pink] = [palette.vermillion, "#f7f7f7", palette.blue, palette.purple].map(
  (hex): Color => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
);

/** From −1, negative, over white to 1, positive. */
function divergingColor(part: number): Color {
  const end = part < 0 ? negative : positive;
  const weight = Math.min(1, Math.abs(part));
  return neutral.map((c, i) => Math.round(c + weight * (end[i] - c)));
}
