import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, type Shape } from "../util/shapes";
import { Figure } from "./figure";
import { Report } from "./report";
import { colorway, commonLayout, palette, type FigureOptions, type PlotlyJson } from "./theme";
import { isListOf } from "../util/checks";

/** A layer as it is drawn, such as `nn.summary(model, shape).numbers.layers` has them. */
export interface DrawnLayer {
  /** The layer's place, such as `2.body.0`. */
  readonly path: string;
  readonly kind: string;
  /** The batch's axis counts. */
  readonly outputShape: Shape;
  readonly parameters?: number;
  readonly flops?: number;
}

export type NetworkOptions = Omit<FigureOptions, "xLabel" | "yLabel">;

/** The last is the eighth of Okabe and Ito: networks have more kinds of layers than figures have curves. */
const colors = [...colorway, palette.grey, "#F0E442"];

/** A box for each layer, of the width 1 less the gap on both sides. */
const gap = 0.12;
/** The layers of residual blocks: the name of the block, and whether they are on its shortcut. */
const blockOf = /^(.*?)\.?\b(body|shortcut)\b/;

/**
 * A network from left to right, a box a layer: `network(nn.summary(model, [3, 32, 32]))`. A box is as high as its output
 * is large, on a logarithmic scale, and coloured by the kind of layer; arcs are the shortcuts of residual blocks, with
 * what layers they have.
 *
 * Refuses what is neither a summary nor an array of layers.
 */
export function network(
  model: Report<{ readonly layers: readonly DrawnLayer[] }> | readonly DrawnLayer[],
  options: NetworkOptions = {},
): Figure {
  checkOptions("network", options, ["title", "height"]);
  const all = readLayers(model);
  const layers = all.filter(({ path }) => blockOf.exec(path)?.[2] !== "shortcut");
  const kinds = [...new Set(layers.map(({ kind }) => kind))];
  const boxes = kinds.map((kind, index) => boxesOf(kind, layers, colors[index % colors.length]));
  const hidden = { visible: false, fixedrange: false };
  const layout = { ...commonLayout(options), xaxis: hidden, yaxis: hidden, showlegend: kinds.length > 1 };
  const arcs = blocksOf(layers).map(({ name, first, last }) => {
    const shortcut = all.filter(({ path }) => isOnShortcut(path, name));
    return arc(first, last, Math.max(...layers.slice(first, last + 1).map(boxHeight)), shortcut);
  });
  return new Figure([...boxes, ...arcs], layout, summarize(all));
}

function readLayers(model: unknown): readonly DrawnLayer[] {
  const layers = model instanceof Report ? (model.numbers as { layers?: unknown }).layers : model;
  if (isListOf(layers, isLayer) && (layers as readonly DrawnLayer[]).length > 0)
    return layers as readonly DrawnLayer[];
  return refuse(
    "network",
    `expected nn.summary(model, inputShape) or an array of layers { path, kind, outputShape }, got ${describe(model)}`,
  );
}

function isLayer(value: unknown): value is DrawnLayer {
  const { path, kind, outputShape } = (value ?? {}) as Partial<DrawnLayer>;
  return typeof path === "string" && typeof kind === "string" && Array.isArray(outputShape);
}

/** Of the numbers that a sample has after the layer. */
function boxHeight({ outputShape }: DrawnLayer): number {
  return Math.log2(1 + outputShape.slice(1).reduce((size, n) => size * n, 1));
}

/** All boxes of one kind as one trace, each an outline of its own, filled. */
function boxesOf(kind: string, layers: readonly DrawnLayer[], color: string): PlotlyJson {
  const own = layers.flatMap((layer, index) => (layer.kind === kind ? [{ layer, index }] : []));
  const outline = own.flatMap(({ layer, index }) => {
    const [left, right, half] = [index + gap, index + 1 - gap, boxHeight(layer) / 2];
    const text = described(layer);
    // Round the box and back, then a gap before the next.
    const x = [left, left, right, right, left, null];
    const y = [-half, half, half, -half, -half, null];
    return x.map((each, corner) => ({ x: each, y: y[corner], text }));
  });
  return {
    type: "scatter",
    mode: "lines",
    name: kind,
    x: outline.map(({ x }) => x),
    y: outline.map(({ y }) => y),
    text: outline.map(({ text }) => text),
    hoverinfo: "text",
    hoveron: "points+fills",
    fill: "toself",
    fillcolor: color,
    line: { color, width: 1 },
  };
}

function described({ path, kind, outputShape, parameters, flops }: DrawnLayer): string {
  return [
    `${path === "" ? "" : `${path}: `}${kind}`,
    formatShape(outputShape),
    ...(parameters === undefined ? [] : [`${parameters} parameters`]),
    ...(flops === undefined ? [] : [`${flops} FLOPs`]),
  ].join("<br>");
}

interface Block {
  readonly name: string;
  /** The places of the first and the last layer of its body. */
  readonly first: number;
  readonly last: number;
}

function blocksOf(layers: readonly DrawnLayer[]): Block[] {
  const blocks = new Map<string, Block>();
  layers.forEach(({ path }, last) => {
    const name = blockOf.exec(path)?.[1];
    if (name !== undefined) blocks.set(name, { name, first: blocks.get(name)?.first ?? last, last });
  });
  return [...blocks.values()];
}

function isOnShortcut(path: string, block: string): boolean {
  const [, name, branch] = blockOf.exec(path) ?? [];
  return name === block && branch === "shortcut";
}

/** A half ellipse from the left of one box to the right of another, above all between, the highest of which is given. */
function arc(first: number, last: number, height: number, shortcut: readonly DrawnLayer[]): PlotlyJson {
  const [middle, radius] = [(first + last + 1) / 2, (last - first + 1) / 2];
  const top = height / 2;
  const angles = Array.from({ length: 25 }, (_, i) => Math.PI * (1 - i / 24));
  return {
    type: "scatter",
    mode: "lines",
    name: "shortcut",
    x: angles.map((angle) => middle + radius * Math.cos(angle)),
    y: angles.map((angle) => top * (1 + 0.25 * Math.sin(angle))),
    text: shortcut.map(described).join("<br>"),
    hoverinfo: "text",
    showlegend: false,
    line: { color: palette.grey, width: 2 },
  };
}

function summarize(layers: readonly DrawnLayer[]): string {
  const chain = layers.map(({ path, kind, outputShape }) => `  ${path} ${kind} ${formatShape(outputShape)}`);
  return [`Network of ${layers.length} ${layers.length === 1 ? "layer" : "layers"}`, ...chain].join("\n");
}
