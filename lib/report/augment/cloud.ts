/** The colours of an image in space, with the axes that PCA colour moves them along. */
import { imagenetColors } from "../../augment";
import { Figure, palette, type PlotlyJson } from "../../viz";
import { rounded } from "../../viz/values";
import type { Planes } from "./pictures";
import type { DrawNumbers } from "./words";

type Color = readonly [red: number, green: number, blue: number];

const greatestCount = 1500;

/** The α of image `i` wherever a draw has one, at any depth. */
export function alphaOf(draw: DrawNumbers, i: number): Color | undefined {
  for (const [name, value] of Object.entries(draw)) {
    if (name === "alpha") return (value as unknown as readonly Color[])[i];
    const inner = typeof value === "object" && !Array.isArray(value) ? alphaOf(value, i) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The cloud of an image's colours, its axes 2√λ to either side, and where the draws `alphas` move its mean. */
export function colourCloud({ shape, data }: Planes, alphas: readonly Color[]): Figure {
  const size = shape[1] * shape[2];
  const step = Math.max(1, Math.ceil(size / greatestCount));
  const colors = Array.from({ length: Math.floor(size / step) }, (_, k): Color => {
    const i = k * step;
    return [data[i], data[size + i], data[2 * size + i]];
  });
  const mean = [0, 1, 2].map((c) => colors.reduce((sum, color) => sum + color[c], 0) / colors.length);
  const { eigenvalues, eigenvectors } = imagenetColors;
  const along = (coefficients: readonly number[]): number[] =>
    mean.map((m, c) => m + eigenvectors[c].reduce((sum, entry, k) => sum + entry * coefficients[k], 0));
  const axes = eigenvalues.map((lambda, k) => {
    const end = (sign: number): number[] =>
      along([0, 1, 2].map((j) => (j === k ? 2 * sign * Math.sqrt(lambda) : 0)));
    return axisTrace(`axis ${k + 1}, λ = ${lambda}`, [end(-1), end(1)], k);
  });
  const moved = alphas.map((alpha) => along(alpha.map((a, k) => a * eigenvalues[k])));
  const traces = [cloudTrace(colors), ...axes, pointsTrace("means of the variants", moved)];
  const axis = (title: string): PlotlyJson => ({ title: { text: title }, range: [0, 1] });
  const layout = {
    title: { text: "Colours, and the axes that PCA colour moves them along" },
    height: 560,
    scene: {
      xaxis: axis("red"),
      yaxis: axis("green"),
      zaxis: axis("blue"),
      aspectmode: "cube",
      camera: { eye: { x: 1.5, y: -1.35, z: 0.9 } },
    },
    margin: { l: 0, r: 0, t: 50, b: 0 },
    legend: { itemsizing: "constant" },
  };
  return new Figure(
    traces,
    layout,
    `The colours of an image: ${colors.length} points, ${alphas.length} draws of α`,
  );
}

function cloudTrace(colors: readonly Color[]): PlotlyJson {
  const css = colors.map((color) => `rgb(${color.map((v) => Math.round(255 * v)).join(",")})`);
  return {
    ...spaceTrace("pixels", colors),
    mode: "markers",
    marker: { size: 2, color: css, opacity: 0.6 },
    hoverinfo: "skip",
    showlegend: false,
  };
}

function axisTrace(name: string, ends: readonly number[][], k: number): PlotlyJson {
  const color = [palette.vermillion, palette.blue, palette.green][k];
  return { ...spaceTrace(name, ends), mode: "lines", line: { width: 9, color } };
}

function pointsTrace(name: string, points: readonly number[][]): PlotlyJson {
  const marker = { size: 3.5, color: palette.orange, symbol: "diamond", line: { width: 1, color: "#000" } };
  return { ...spaceTrace(name, points), mode: "markers", marker };
}

function spaceTrace(name: string, points: readonly (readonly number[])[]): PlotlyJson {
  const [x, y, z] = [0, 1, 2].map((c) => points.map((point) => rounded(point[c])));
  return { type: "scatter3d", name, x, y, z };
}
