import { checkOptions, refuse } from "../util/errors";
import { Figure } from "./figure";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions } from "./theme";
import { checkNumbers, extent, rounded, sixDigits, type Numbers } from "./values";

export interface DensityCurve {
  readonly grid: Numbers;
  readonly density: Numbers;
  /** Of the density; drawn as a band of two of them on either side. */
  readonly standardError?: Numbers;
}

export interface DensityOptions extends FigureOptions {
  /** Places to mark, such as eigenvalues that are known exactly. */
  readonly marks?: Numbers;
}

/** Densities below this part of the greatest are not shown on the logarithmic axis. */
const floor = 1e-5;

/** A density of eigenvalues on a logarithmic axis, with its error as a band. */
export function density(curve: DensityCurve, options: DensityOptions = {}): Figure {
  checkOptions("density", options, [...figureOptionNames, "marks"]);
  const x = checkNumbers("density", "grid", curve.grid);
  const y = checkNumbers("density", "density", curve.density);
  const error =
    curve.standardError === undefined
      ? undefined
      : checkNumbers("density", "standardError", curve.standardError, true);
  for (const [name, values] of Object.entries({ density: y, standardError: error ?? y })) {
    if (values.length !== x.length)
      refuse("density", `${name} has ${values.length} values, the grid ${x.length}`);
  }
  const least = extent(y)[1] * floor;
  const shown = (value: number): number => rounded(Math.max(least, value));
  const band = error?.every(Number.isFinite)
    ? [
        {
          type: "scatter",
          mode: "lines",
          name: "± 2 standard errors",
          x: [...x, ...x.toReversed()].map(rounded),
          y: [...y.map((v, i) => v + 2 * error[i]), ...y.map((v, i) => v - 2 * error[i]).toReversed()].map(
            shown,
          ),
          fill: "toself",
          fillcolor: "rgba(0, 114, 178, 0.25)",
          line: { width: 0 },
          hoverinfo: "skip",
        },
      ]
    : [];
  const line = {
    type: "scatter",
    mode: "lines",
    name: "density",
    x: x.map(rounded),
    y: y.map(shown),
    line: { color: palette.blue, width: 3 },
  };
  const marks =
    options.marks === undefined ? [] : [marksAt(checkNumbers("density", "marks", options.marks), least)];
  const layout = planeLayout(options, { x: "eigenvalue", y: "density" });
  const summary = `${options.title ?? "Density"}\n${x.length} points from ${sixDigits(x[0])} to ${sixDigits(x[x.length - 1])}, highest ${sixDigits(extent(y)[1])}`;
  return new Figure([...band, line, ...marks], withLogAxes(layout, { logY: true }), summary);
}

function marksAt(places: readonly number[], height: number) {
  return {
    type: "scatter",
    mode: "markers",
    name: "eigenvalues found",
    x: places.map(rounded),
    y: places.map(() => rounded(height)),
    marker: { color: palette.vermillion, size: 12, symbol: "triangle-up" },
  };
}
