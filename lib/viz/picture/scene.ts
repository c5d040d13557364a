import { lightTemplate, type PlotlyJson } from "../theme";
import { finiteExtent } from "../values";
import { hexOf } from "./colour";
import { each, list, number, object, string, titleIn } from "./read";
import { element, gridInk, lettering, tenth, type Frame } from "./svg";
import { shadingOf } from "./grids";
import { symbolOf } from "./traces";

type Vector = readonly [number, number, number];

const axes = ["x", "y", "z"] as const;
const colorway = object(lightTemplate.layout).colorway as readonly string[];

/** What is drawn of a trace in space, farthest first. */
interface Piece {
  readonly depth: number;
  readonly drawn: string;
}

/** Surfaces and points in space, seen as the scene's camera sees them. */
export function sceneOf(traces: readonly PlotlyJson[], scene: PlotlyJson, frame: Frame): string {
  const ranges = axes.map((axis): readonly [number, number] => {
    return finiteExtent(traces.flatMap((trace) => numbersOf(trace, axis))) ?? [0, 1];
  });
  const place = (point: Vector): Vector =>
    point.map(
      (value, i) => (value - ranges[i][0]) / (ranges[i][1] - ranges[i][0] || 1) - 0.5,
    ) as unknown as Vector;
  const view = viewOf(scene, frame);
  const pieces = traces.flatMap((trace, index) =>
    trace.type === "surface"
      ? surface(trace, (point) => view(place(point)))
      : points(trace, (point) => view(place(point)), colorway[index % colorway.length]),
  );
  pieces.sort((a, b) => b.depth - a.depth);
  return [box(scene, view, ranges), ...pieces.map(({ drawn }) => drawn)].join("");
}

function numbersOf(trace: PlotlyJson, axis: (typeof axes)[number]): number[] {
  const isNumber = (value: unknown): value is number => typeof value === "number";
  return list(trace[axis])
    .flatMap((item) => (typeof item === "object" ? list(item) : [item]))
    .filter(isNumber);
}

interface Seen {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
}

/** From the unit cube about 0 to pixels. */
function viewOf(scene: PlotlyJson, frame: Frame): (point: Vector) => Seen {
  const { eye, center } = object(scene.camera);
  const vector = (x: unknown, otherwise: Vector): Vector =>
    axes.map((axis, i) => number(object(x)[axis]) ?? otherwise[i]) as unknown as Vector;
  const at = vector(eye, [1.25, 1.25, 1.25]);
  const middle = vector(center, [0, 0, 0]);
  const forward = unit(minus(middle, at));
  const right = unit(cross(forward, [0, 0, 1]));
  const up = cross(right, forward);
  const raw = (point: Vector) => {
    const from = minus(point, at);
    const depth = dot(from, forward);
    return { depth, x: dot(from, right) / depth, y: -dot(from, up) / depth };
  };
  const corners = cubeCorners.map(raw);
  const [left, width] = sizeOf(corners.map(({ x }) => x));
  const [top, height] = sizeOf(corners.map(({ y }) => y));
  const scale = 0.82 * Math.min(frame.width / width, frame.height / height);
  return (point) => {
    const { x, y, depth } = raw(point);
    return {
      depth,
      x: frame.left + frame.width / 2 + scale * (x - left - width / 2),
      y: frame.top + frame.height / 2 + scale * (y - top - height / 2),
    };
  };
}

const cubeCorners: readonly Vector[] = [-0.5, 0.5].flatMap((x) =>
  [-0.5, 0.5].flatMap((y) => [-0.5, 0.5].map((z) => [x, y, z] as const)),
);

function sizeOf(values: readonly number[]): [number, number] {
  const [least, greatest] = finiteExtent(values) ?? [0, 1];
  return [least, greatest - least];
}

/** Rows and columns that a surface is drawn of: each quadrangle takes some fifty bytes. */
const mostRows = 32;

function surface(trace: PlotlyJson, see: (point: Vector) => Seen): Piece[] {
  const rows = list(trace.z).map(list);
  const [xs, ys] = [list(trace.x), list(trace.y)];
  const { colourOf } = shadingOf(trace);
  const [down, along] = [chosen(rows.length), chosen(rows[0]?.length ?? 0)];
  const corner = (row: number, column: number): Vector | undefined => {
    const z = rows[row][column];
    const [x, y] = [number(xs[column]) ?? column, number(ys[row]) ?? row];
    return typeof z === "number" ? [x, y, z] : undefined;
  };
  const quadrangles = down.slice(1).flatMap((row, i) =>
    along.slice(1).map((column, j) => {
      const around = [[down[i], along[j]], [down[i], column], [row, column], [row, along[j]]]; // prettier-ignore
      return around.map(([r, c]) => corner(r, c));
    }),
  );
  return quadrangles.flatMap((around) => {
    const corners = around.filter((point) => point !== undefined);
    if (corners.length < 4) return [];
    const seen = corners.map(see);
    const fill = hexOf(colourOf(corners.reduce((sum, [, , z]) => sum + z / 4, 0)));
    const d = `M${seen.map(({ x, y }) => `${tenth(x)} ${tenth(y)}`).join("L")}Z`;
    // The outline closes the seams between neighbours.
    return [
      {
        depth: seen.reduce((sum, { depth }) => sum + depth, 0),
        drawn: element("path", { d, fill, stroke: fill }),
      },
    ];
  });
}

function chosen(count: number): number[] {
  const stride = Math.max(1, Math.ceil((count - 1) / mostRows));
  const rows = Array.from({ length: Math.ceil(count / stride) }, (_, index) => index * stride);
  return rows.at(-1) === count - 1 || count === 0 ? rows : [...rows, count - 1];
}

const mostPoints = 2000;

function points(trace: PlotlyJson, see: (point: Vector) => Seen, otherwise: string): Piece[] {
  const [xs, ys, zs] = axes.map((axis) => list(trace[axis]));
  const { size, color, symbol } = object(trace.marker);
  const stride = Math.ceil(zs.length / mostPoints);
  return zs.flatMap((z, index) => {
    const point = [xs[index], ys[index], z].map(number);
    if (index % stride > 0 || point.includes(undefined)) return [];
    const { x, y, depth } = see(point as unknown as Vector);
    const radius = (number(each(size, index)) ?? 8) / 2;
    const mark = { x, y, radius, angle: 0, symbol: string(each(symbol, index)) ?? "circle" };
    const fill = string(each(color, index)) ?? otherwise;
    // In the same measure as the four corners of a surface's pieces.
    return [{ depth: 4 * depth, drawn: symbolOf(mark, { fill }) }];
  });
}

/** The edges of the cube that lie behind, and what the axes are called and span. */
function box(
  scene: PlotlyJson,
  view: (point: Vector) => Seen,
  ranges: readonly (readonly [number, number])[],
): string {
  const farthest = cubeCorners.reduce((a, b) => (view(b).depth > view(a).depth ? b : a));
  const edges = cubeCorners.flatMap((a) =>
    cubeCorners
      .filter((b) => a < b && a.filter((value, i) => value !== b[i]).length === 1)
      .filter((b) => a.some((value, i) => value === b[i] && value === farthest[i]))
      .map((b) => [view(a), view(b)] as const),
  );
  const lines = edges.map(([a, b]) => `M${tenth(a.x)} ${tenth(a.y)}L${tenth(b.x)} ${tenth(b.y)}`);
  const [fx, fy] = farthest;
  const middles: Readonly<Record<(typeof axes)[number], Vector>> = {
    x: [0, -fy, -0.5],
    y: [-fx, 0, -0.5],
    z: [fx, -fy, 0],
  };
  const titles = axes.map((axis, i) => {
    const seen = view(middles[axis].map((value) => value * 1.25) as unknown as Vector);
    const span = ranges[i].map((value) => Number(value.toPrecision(3))).join(" … ");
    const title = titleIn(object(scene[`${axis}axis`]));
    return lettering(`${title === "" ? axis : title}<br>${span}`, [seen.x, seen.y], {
      ...{ size: 13, anchor: "middle", base: "about" },
    });
  });
  return element("path", { d: lines.join(""), stroke: gridInk, fill: "none" }) + titles.join("");
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Vector): Vector {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}
