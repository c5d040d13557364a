import { checkWhole, isListOf } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { gapAt, gapNotes, placed } from "./gaps";
import { figureOptionNames, palette, planeLayout, type FigureOptions } from "./theme";
import { checkPlaces, finiteExtent, linspace, rounded, sixDigits, type Numbers } from "./values";

export interface VectorFieldOptions extends FigureOptions {
  /** `[from, to]`. */
  readonly x: Numbers;
  /** `[from, to]`. */
  readonly y: Numbers;
  /** Arrows along each axis; 17 unless given. */
  readonly points?: number;
}

/** Along an axis: a page of more is heavy, and its arrows are no more than dots. */
const mostArrows = 64;

interface Arrow {
  readonly from: readonly [number, number];
  readonly vector: readonly [number, number];
  readonly length: number;
}

/**
 * Arrows of a field in the plane, such as a negative gradient: `vectorField((x, y) => [-x, -5 * y], { x: [-2, 2], y: [-2, 2] })`.
 * All arrows fit their cells; colour tells the length of the vector they stand for. Where the field is NaN or infinite
 * there is none, and a note says how many are left out.
 */
export function vectorField(
  field: (x: number, y: number) => readonly number[],
  options: VectorFieldOptions,
): Figure {
  checkOptions("vectorField", options ?? {}, [...figureOptionNames, "x", "y", "points"]);
  if (typeof field !== "function")
    refuse("vectorField", `field must be a function of x and y, got ${describe(field)}`);
  const asked = checkWhole("vectorField", "points", options.points ?? 17, 2);
  const points = Math.min(asked, mostArrows);
  const [x, y] = (["x", "y"] as const).map((name) => places(name, options[name], points));
  const all = y.flatMap((v) => x.map((u) => arrowAt(field, u, v)));
  const arrows = all.filter(({ vector }) => vector.every((part) => gapAt(part) === undefined));
  const range = finiteExtent(arrows.map(({ length }) => length));
  const longest = range?.[1] ?? 0;
  const cell = [x[1] - x[0], y[1] - y[0]];
  const drawn = arrows.map((arrow) => segments(arrow, cell, longest));
  const heads = {
    type: "scatter",
    mode: "markers",
    x: drawn.map(({ tip }) => rounded(tip[0])),
    y: drawn.map(({ tip }) => rounded(tip[1])),
    marker: {
      symbol: arrows.some(({ length }) => length === 0)
        ? arrows.map(({ length }) => (length === 0 ? "circle" : "arrow"))
        : "arrow",
      size: 10,
      angle: drawn.map(({ angle }) => rounded(angle)),
      color: arrows.map(({ length }) => placed(length)),
      colorscale: "Cividis",
      showscale: true,
      colorbar: { title: { text: "length" } },
    },
    hovertext: arrows.map(({ vector }) => `(${vector.map(sixDigits).join(", ")})`),
    showlegend: false,
  };
  const shafts = {
    type: "scatter",
    mode: "lines",
    x: drawn.flatMap(({ tail, tip }) => [rounded(tail[0]), rounded(tip[0]), null]),
    y: drawn.flatMap(({ tail, tip }) => [rounded(tail[1]), rounded(tip[1]), null]),
    line: { color: palette.grey, width: 1.5 },
    hoverinfo: "skip",
    showlegend: false,
  };
  const layout = planeLayout({ height: 560, ...options }, { x: "x", y: "y" });
  const lengths =
    range === undefined ? "none finite" : `lengths from ${sixDigits(range[0])} to ${sixDigits(range[1])}`;
  const summary = `${options.title ?? "Vector field"}\n${points} × ${points} arrows, ${lengths}`;
  const gapOf = (i: number): string | undefined => gapAt(all[i].vector[0]) ?? gapAt(all[i].vector[1]);
  const notes = [
    ...gapNotes({ noun: "arrow", count: all.length, gapOf }),
    ...(asked > points ? [`${points} arrows along each axis instead of ${asked}, which would be dots`] : []),
  ];
  return new Figure([shafts, heads], layout, summary, { notes });
}

function places(name: string, given: Numbers, points: number): number[] {
  const range = checkPlaces("vectorField", name, given);
  if (range.length !== 2 || range[0] >= range[1]) {
    refuse("vectorField", `${name} must be [from, to] with from < to, got ${describe(range)}`);
  }
  return linspace(range[0], range[1], points);
}

function arrowAt(field: (x: number, y: number) => readonly number[], x: number, y: number): Arrow {
  const vector = field(x, y);
  if (!isListOf(vector, (part) => typeof part === "number") || vector.length !== 2) {
    return refuse(
      "vectorField",
      `the field must give two numbers, at (${x}, ${y}) it gave ${describe(vector)}`,
    );
  }
  const [u, v] = vector as [number, number];
  return { from: [x, y], vector: [u, v], length: Math.hypot(u, v) };
}

/** An arrow's shaft, centred on its place, in cells; long vectors are told from short ones, but none leaves its cell. */
function segments({ from, vector, length }: Arrow, cell: readonly number[], longest: number) {
  const part = length === 0 ? 0 : (0.35 + 0.55 * (length / longest)) / 2;
  // Of the vector only its direction counts, so that none is too long or too short to be divided.
  const unit = Math.max(...vector.map(Math.abs)) || 1;
  const direction = vector.map((v, axis) => v / unit / cell[axis]);
  const size = Math.hypot(...direction) || 1;
  const half = direction.map((d, axis) => (d / size) * cell[axis] * part);
  return {
    tail: from.map((p, axis) => p - half[axis]),
    tip: from.map((p, axis) => p + half[axis]),
    angle: (Math.atan2(direction[0], direction[1]) * 180) / Math.PI,
  };
}
