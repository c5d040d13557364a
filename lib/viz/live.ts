import { randomUUID } from "node:crypto";
import { checkOptions, describe, refuse } from "../util/errors";
import { currentFrontend, displayKey, type MimeBundle } from "../util/frontend";
import type { Figure } from "./figure";
import { line, type LineOptions } from "./line";
import { bringRuntime } from "./page";
import { figureOptionNames } from "./theme";
import { Throttle } from "./throttle";

export type LiveLineOptions = Omit<LineOptions, "x" | "gaps">;

const displayInterval = 300; // ms; a redraw costs the page some tens
const mostPointsShown = 600;

interface Curve {
  readonly x: number[];
  readonly y: number[];
}

/**
 * Curves that grow in place while a cell runs, such as a training loss. A value that is NaN or infinite
 * leaves a gap: a diverging run is shown as far as it goes.
 */
export class LiveLine {
  private readonly curves = new Map<string, Curve>();
  private readonly displayId = `saddle-live-${randomUUID()}`;
  private readonly throttle = new Throttle(displayInterval, () => this.show());
  private shown = false;
  private steps = 0;

  constructor(private readonly options: LiveLineOptions) {}

  /**
   * Adds a point to each curve named, `push({ train: 0.3, test: 0.4 })`, at `step`, by default one
   * after the last.
   */
  push(values: Readonly<Record<string, number>>, step = this.steps): void {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== "number") refuse("push", `${name} must be a number, got ${describe(value)}`);
      this.curve(name).x.push(step);
      this.curve(name).y.push(value);
    }
    this.steps = step + 1;
    if (currentFrontend() !== undefined) this.throttle.call();
  }

  /** Shows all points pushed so far. */
  end(): void {
    this.throttle.flush();
  }

  /** The curves as an ordinary figure, thinned to what a screen can show. */
  figure(): Figure {
    const series = [...this.curves].map(([name, curve]) => [name, thinned(curve)] as const);
    return line(Object.fromEntries(series), { xLabel: "step", ...this.options, gaps: true });
  }

  /** As a cell's last value it brings its display up to date and adds only a line of text. */
  [displayKey](): MimeBundle {
    this.end();
    return this.shown ? { "text/plain": this.figure().summary } : this.figure()[displayKey]();
  }

  private curve(name: string): Curve {
    let curve = this.curves.get(name);
    if (curve === undefined) this.curves.set(name, (curve = { x: [], y: [] }));
    return curve;
  }

  private show(): void {
    const frontend = currentFrontend();
    if (frontend === undefined) return;
    if (!this.shown) bringRuntime(frontend);
    frontend.display(this.figure().liveBundle(this.displayId), {
      displayId: this.displayId,
      update: this.shown,
    });
    this.shown = true;
  }
}

/** Curves that grow in place; see `LiveLine`. */
export function liveLine(options: LiveLineOptions = {}): LiveLine {
  checkOptions("liveLine", options, [...figureOptionNames, "logX", "logY", "markers"]);
  return new LiveLine(options);
}

/** Every so-manieth point, and the last. */
function thinned({ x, y }: Curve): Curve {
  const stride = Math.ceil(x.length / mostPointsShown);
  const kept = (_: number, index: number) => index % stride === 0 || index === x.length - 1;
  return { x: x.filter(kept), y: y.filter(kept) };
}
