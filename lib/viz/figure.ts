import { randomUUID } from "node:crypto";
import { currentFrontend, displayKey, type MimeBundle } from "../util/frontend";
import { figuresScriptHtml } from "../util/figuresScript";
import { figureHtml, pageHtml } from "./page";
import { pictureOf } from "./picture/picture";
import { commonLayout, withNotes, type PlotlyJson } from "./theme";

/** What goes along with a figure's drawing. */
export interface FigureExtras<Numbers extends object> {
  readonly numbers?: Numbers;
  /** Sentences that stand in the figure and in its text: what of the data it could not show. */
  readonly notes?: readonly string[];
}

/**
 * A figure: Plotly's `data` and `layout`, and a text with the numbers that matter. As a cell's last
 * value it shows itself.
 */
export class Figure<Numbers extends object = object> {
  readonly data: readonly PlotlyJson[];
  readonly layout: PlotlyJson;
  /** What the figure was drawn from, in full: where there is more than a screen can show, `data` has only part of it. */
  readonly numbers: Numbers;
  readonly notes: readonly string[];
  private readonly text: string;

  /** `data` and `layout` are Plotly's, as JSON; the layout is drawn in Saddle's theme unless it brings a template. */
  constructor(
    data: readonly PlotlyJson[],
    layout: PlotlyJson = {},
    summary?: string,
    { numbers = {} as Numbers, notes = [] }: FigureExtras<Numbers> = {},
  ) {
    this.data = data;
    this.layout = { ...commonLayout({}), ...layout };
    this.text = summary ?? `Figure of ${data.length} ${data.length === 1 ? "trace" : "traces"}`;
    this.numbers = numbers;
    this.notes = notes;
  }

  /** The figure in words, its notes included. */
  get summary(): string {
    return [this.text, ...this.notes].join("\n");
  }

  /** The figure with other traces for the same numbers. */
  withData(data: readonly PlotlyJson[]): Figure<Numbers> {
    return new Figure(data, this.layout, this.text, this);
  }

  /** What Plotly draws, the notes above it. */
  toJSON(): { data: readonly PlotlyJson[]; layout: PlotlyJson } {
    return { data: this.data, layout: withNotes(this.layout, this.notes) };
  }

  /** The figure as a whole HTML page that needs no network. */
  toHTML(): string {
    return pageHtml(this.summary.split("\n")[0], this.html() + figuresScriptHtml());
  }

  /** The figure as HTML within a page; without plotly.js it is a static picture. */
  html(live?: string): string {
    const id = `saddle-figure-${randomUUID()}`;
    const drawing = this.toJSON();
    return figureHtml({ id, ...drawing, summary: this.summary, picture: pictureOf(drawing), live });
  }

  /** In a notebook plotly.js comes apart from the figure (see page.ts). */
  [displayKey](): MimeBundle {
    return this.bundle(this.html() + scriptWithin());
  }

  /** The bundle for a display in which figures of one `live` name follow each other. */
  liveBundle(live: string): MimeBundle {
    return this.bundle(this.html(live));
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.summary;
  }

  private bundle(html: string): MimeBundle {
    return {
      "application/vnd.plotly.v1+json": this.toJSON(),
      "text/html": html,
      "text/plain": this.summary,
    };
  }
}

export function isFigure(value: unknown): value is Figure {
  return value instanceof Figure;
}

/** The mime bundle of one output that has figures and other HTML among each other; `summary` is its text. */
export function compose(parts: readonly (Figure | string)[], summary: string): MimeBundle {
  const html = parts.map((part) => (typeof part === "string" ? part : part.html()));
  return { "text/html": [...html, scriptWithin()].join("\n"), "text/plain": summary };
}

/** What HTML must have within itself to be drawn: plotly.js, where there is no front end whose kernel brings it. */
function scriptWithin(): string {
  return currentFrontend() === undefined ? figuresScriptHtml() : "";
}
