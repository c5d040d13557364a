import { escapeHtml } from "../util/html";
import { palette } from "../util/palette";

export { palette };

/** A part of a Plotly figure, as JSON. */
export type PlotlyJson = Readonly<Record<string, unknown>>;

export const colorway: readonly string[] = [
  palette.blue,
  palette.vermillion,
  palette.green,
  palette.orange,
  palette.purple,
  palette.sky,
];

/** Low to high; read alike by all eyes and in grey. */
export const sequentialScale = "Cividis";

/** Pale enough that paths of any colour of the palette stand out on it. */
export const groundScale: readonly (readonly [number, string])[] = [
  [0, "#ffffff"],
  [0.5, "#d3e2f1"],
  [1, "#9dbbd9"],
];

/** Negative, zero, positive. */
export const divergingScale: readonly (readonly [number, string])[] = [
  [0, palette.vermillion],
  [0.5, "#f7f7f7"],
  [1, palette.blue],
];

// Sizes are for the back row of a lecture room.
const fontSize = 17;

function template(ink: string, paper: string, grid: string): PlotlyJson {
  const axis = {
    gridcolor: grid,
    linecolor: ink,
    zerolinecolor: grid,
    ticks: "outside",
    tickcolor: ink,
    automargin: true,
    title: { standoff: 12 },
  };
  const sceneAxis = {
    gridcolor: grid,
    linecolor: ink,
    zerolinecolor: grid,
    showbackground: false,
    tickfont: { size: 13 },
  };
  return {
    layout: {
      font: { color: ink, size: fontSize, family: "system-ui, Segoe UI, Helvetica, Arial, sans-serif" },
      title: { x: 0.02, xanchor: "left", y: 0.97, yanchor: "top", font: { size: fontSize + 5 } },
      paper_bgcolor: paper,
      plot_bgcolor: paper,
      colorway,
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: sceneAxis, yaxis: sceneAxis, zaxis: sceneAxis },
      legend: { bgcolor: "rgba(0,0,0,0)" },
      margin: { l: 70, r: 30, t: 60, b: 60 },
    },
  };
}

export const lightTemplate = template("#1a1a1a", "#ffffff", "#dcdcdc");
export const darkTemplate = template("#f2f2f2", "#111111", "#444444");

/** What every figure function lets its caller say. */
export interface FigureOptions {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** Height in CSS pixels; the width is that of the page. */
  readonly height?: number;
}

export const figureOptionNames = ["title", "xLabel", "yLabel", "height"] as const;

/** The layout of a figure with two titled axes. */
export function planeLayout(options: FigureOptions, labels: { x: string; y: string }): PlotlyJson {
  return {
    ...commonLayout(options),
    xaxis: { title: { text: options.xLabel ?? labels.x } },
    yaxis: { title: { text: options.yLabel ?? labels.y } },
  };
}

const noteSize = { font: 14, line: 19 }; // CSS pixels
const notesShown = 3;

/** `layout` with notes between its title and what it draws, the figure as much higher; many notes are in its text alone. */
export function withNotes(layout: PlotlyJson, notes: readonly string[]): PlotlyJson {
  if (notes.length === 0) return layout;
  const rest = notes.length - notesShown;
  const shown = notes.slice(0, notesShown).map(escapeHtml);
  const lines = rest > 0 ? [...shown, `and ${rest} more, in the figure's text`] : shown;
  const room = lines.length * noteSize.line;
  const margin = { t: 60, ...(layout.margin as { readonly t?: number } | undefined) };
  const isBelowLegend = (layout.legend as PlotlyJson | undefined)?.orientation === "h";
  const note = {
    text: lines.join("<br>"),
    font: { size: noteSize.font },
    align: "left",
    showarrow: false,
    ...{ xref: "paper", x: 0, xanchor: "left" },
    ...{ yref: "paper", y: 1, yanchor: "bottom", yshift: isBelowLegend ? 36 : 4 },
  };
  return {
    ...layout,
    margin: { ...margin, t: margin.t + room },
    height: (layout.height as number) + room,
    annotations: [...((layout.annotations as readonly PlotlyJson[] | undefined) ?? []), note],
  };
}

export function commonLayout({ title, height }: FigureOptions): PlotlyJson {
  return {
    template: lightTemplate,
    height: height ?? 450,
    ...(title !== undefined && { title: { text: title } }),
  };
}
