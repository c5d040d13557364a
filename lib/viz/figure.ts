import { randomUUID } from "node:crypto";
import { currentFrontend, displayKey, type MimeBundle } from "../util/frontend";
import { bringRuntime, figureHtml, pageHtml, runtimeHtml } from "./page";
import { commonLayout, type PlotlyJson } from "./theme";

/**
 * A figure: Plotly's `data` and `layout`, and a text with the numbers that matter. As a cell's last
 * value it shows itself.
 */
export class Figure {
  readonly data: readonly PlotlyJson[];
  readonly layout: PlotlyJson;
  readonly summary: string;

  /** `data` and `layout` are Plotly's, as JSON; the layout is drawn in Saddle's theme unless it brings a template. */
  constructor(data: readonly PlotlyJson[], layout: PlotlyJson = {}, summary?: string) {
    this.data = data;
    this.layout = { ...commonLayout({}), ...layout };
    this.summary = summary ?? `Figure of ${data.length} ${data.length === 1 ? "trace" : "traces"}`;
  }

  toJSON(): { data: readonly PlotlyJson[]; layout: PlotlyJson } {
    return { data: this.data, layout: this.layout };
  }

  /** The figure as a whole HTML page that needs no network. */
  toHTML(): string {
    return pageHtml(this.summary.split("\n")[0], this.fragment() + runtimeHtml());
  }

  /**
   * The mime bundle of the figure. In a notebook plotly.js comes apart from it, once a document
   * (see page.ts); without a front end the HTML brings its own.
   */
  [displayKey](): MimeBundle {
    const frontend = currentFrontend();
    if (frontend !== undefined) bringRuntime(frontend);
    return this.bundle(frontend === undefined ? runtimeHtml() : "");
  }

  /** The bundle for a display in which figures of one `live` name follow each other. */
  liveBundle(live: string): MimeBundle {
    return this.bundle("", live);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.summary;
  }

  private bundle(runtime: string, live?: string): MimeBundle {
    return {
      "application/vnd.plotly.v1+json": this.toJSON(),
      "text/html": this.fragment(live) + runtime,
      "text/plain": this.summary,
    };
  }

  private fragment(live?: string): string {
    const { data, layout, summary } = this;
    return figureHtml({ id: `saddle-figure-${randomUUID()}`, data, layout, summary, live });
  }
}
