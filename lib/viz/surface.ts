import { checkOptions } from "../util/errors";
import { summarizeLandscape } from "./contour";
import { Figure } from "./figure";
import {
  landscapeOptionNames,
  readGrid,
  type GridNumbers,
  type Landscape,
  type LandscapeOptions,
} from "./grid";
import { commonLayout, figureOptionNames, sequentialScale } from "./theme";

export type SurfaceOptions = Omit<LandscapeOptions, "paths">;

/**
 * A landscape of two parameters as a surface in space, to be turned with the mouse. Where a value is NaN or infinite there
 * is a hole, and a note says how many there are.
 */
export function surface(landscape: Landscape, options: SurfaceOptions = {}): Figure<GridNumbers> {
  const names = [...figureOptionNames, ...landscapeOptionNames].filter((name) => name !== "paths");
  checkOptions("surface", options, names);
  const { x, y, z, range, notes, numbers } = readGrid("surface", landscape, options);
  const trace = {
    type: "surface",
    x,
    y,
    z,
    colorscale: sequentialScale,
    // Plotly never comes to an end with lines around a hole.
    ...(!z.flat().includes(null) && { contours: { z: { show: true, usecolormap: true, width: 1 } } }),
    showscale: false,
  };
  const axis = (text: string) => ({ title: { text } });
  const scene = {
    xaxis: axis(options.xLabel ?? "x"),
    yaxis: axis(options.yLabel ?? "y"),
    zaxis: axis(options.zLabel ?? (options.logZ ? "log₁₀" : "value")),
    camera: { eye: { x: 1.6, y: -1.6, z: 1 }, center: { x: 0, y: 0, z: -0.15 } },
  };
  const layout = { ...commonLayout({ height: 560, ...options }), scene, margin: { l: 0, r: 0, t: 60, b: 0 } };
  const summary = summarizeLandscape(options.title ?? "Surface figure", range, []);
  return new Figure([trace], layout, summary, { numbers, notes });
}
