import { checkWhole, isListOf } from "../util/checks";
import { checkOptions, refuse, describe } from "../util/errors";
import { escapeHtml } from "../util/html";
import { Figure, isFigure } from "./figure";
import { colorway, commonLayout, type PlotlyJson } from "./theme";

export interface PanelOptions {
  readonly title?: string;
  /** Panels beside each other; all in one row unless given. */
  readonly columns?: number;
  /** Height of a row in CSS pixels. */
  readonly height?: number;
}

/** Figures of two axes as panels of one, each under its own title; the y axes of a row share a label where it is the same. */
export function panels(figures: readonly Figure[], options: PanelOptions = {}): Figure {
  checkOptions("panels", options, ["title", "columns", "height"]);
  if (!isListOf(figures, isFigure) || figures.length === 0) {
    refuse("panels", `figures must be a list of figures, got ${describe(figures)}`);
  }
  const columns = checkWhole("panels", "columns", options.columns ?? figures.length, 1);
  const rows = Math.ceil(figures.length / columns);
  const data = figures.flatMap((figure, i) =>
    figure.data.map((trace) => ({ ...trace, xaxis: axisId("x", i), yaxis: axisId("y", i) })),
  );
  const isShared = (i: number) => i % columns > 0 && labelOf(figures[i]) === labelOf(figures[i - 1]);
  const isLabelled = figures.some((_, i) => i % columns > 0 && !isShared(i));
  const layout: Record<string, unknown> = {
    ...commonLayout({ title: options.title, height: rows * (options.height ?? 380) }),
    grid: { rows, columns, pattern: "independent", xgap: isLabelled ? 0.28 : 0.16, ygap: 0.3 },
    annotations: figures.map((figure, i) => heading(figure, i)),
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.12, yanchor: "bottom" },
    margin: { l: 70, r: 30, t: 100, b: 60 },
  };
  figures.forEach((figure, i) => {
    layout[`xaxis${i + 1}`] = figure.layout.xaxis;
    const { title, ...yaxis } = figure.layout.yaxis as PlotlyJson;
    layout[`yaxis${i + 1}`] = {
      ...yaxis,
      ...(!isShared(i) && { title }),
      ...("scaleanchor" in yaxis && { scaleanchor: axisId("x", i) }),
    };
  });
  const text = figures.map((figure) => figure.summary).join("\n");
  return new Figure(
    onceInLegend(data),
    layout,
    options.title === undefined ? text : `${options.title}\n${text}`,
  );
}

function labelOf({ layout }: Figure): unknown {
  return ((layout.yaxis as PlotlyJson | undefined)?.title as PlotlyJson | undefined)?.text;
}

/** Plotly's name of a panel's axis: x, x2, x3, … */
function axisId(letter: "x" | "y", index: number): string {
  return index === 0 ? letter : `${letter}${index + 1}`;
}

function heading(figure: Figure, index: number): PlotlyJson {
  const title = figure.layout.title as { text?: string } | undefined;
  return {
    text: [
      title?.text ?? "",
      ...figure.notes.map((note) => `<span style="font-size:13px">${escapeHtml(note)}</span>`),
    ]
      .filter((line) => line !== "")
      .join("<br>"),
    showarrow: false,
    xref: `${axisId("x", index)} domain`,
    yref: `${axisId("y", index)} domain`,
    x: 0.5,
    y: 1.02,
    xanchor: "center",
    yanchor: "bottom",
  };
}

/** Traces of one name share an entry of the legend and their colour. */
function onceInLegend(data: readonly PlotlyJson[]): PlotlyJson[] {
  const names = [...new Set(data.map(({ name }) => name))];
  const seen = new Set<unknown>();
  return data.map((trace) => {
    const isFirst = !seen.has(trace.name);
    seen.add(trace.name);
    const color = colorway[names.indexOf(trace.name) % colorway.length];
    return {
      ...trace,
      ...(trace.type === "scatter" && { line: { color, ...(trace.line as PlotlyJson) } }),
      ...(trace.type === "scatter" && { marker: { color, ...(trace.marker as PlotlyJson) } }),
      legendgroup: trace.name,
      showlegend: isFirst && trace.showlegend !== false,
    };
  });
}
