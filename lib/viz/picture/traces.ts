import type { PlotlyJson } from "../theme";
import { extent } from "../values";
import { placeOf, type Span } from "./axis";
import { hexOf } from "./colour";
import { contour, contourSpans, gridSpans, heatmap, imageSpans, picture, shadingOf } from "./grids";
import { across, down, type Plane } from "./plane";
import { each, list, number, object, string } from "./read";
import { element, lettering, tenth } from "./svg";

/** How a kind of trace is drawn. */
interface Kind {
  readonly spans: (trace: PlotlyJson) => { readonly x: Span; readonly y: Span };
  readonly draw: (trace: PlotlyJson, plane: Plane) => string;
}

const lineRoom = 0.06;

export const kinds: Readonly<Record<string, Kind>> = {
  scatter: { spans: scatterSpans, draw: scatter },
  bar: { spans: barSpans, draw: bars },
  heatmap: { spans: gridSpans, draw: heatmap },
  contour: { spans: contourSpans, draw: contour },
  image: { spans: imageSpans, draw: picture },
};

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
