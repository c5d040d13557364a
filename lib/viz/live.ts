import { randomUUID } from "node:crypto";
import { checkOptions, describe, refuse } from "../util/errors";
import { currentFrontend, displayKey, type MimeBundle } from "../util/frontend";
import type { Figure } from "./figure";
import { lineOf, type Curves, type LineOptions } from "./line";
import { figureOptionNames } from "./theme";
import { Throttle } from "./throttle";

export type LiveLineOptions = Omit<LineOptions, "x">;

const displayInterval = 300; // ms; a redraw costs the page some tens

interface Growing {
  readonly x: number[];
  readonly y: number[];
}

/**
 * Curves that grow in place while a cell runs, such as a training loss. A value that an axis has no place for
 * leaves a gap, as in `line`: a diverging run is shown as far as it goes.
 */
export class LiveLine {
  private readonly curves = new Map<string, Growing>();
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
    if (typeof step !== "number") refuse("push", `step must be a number, got ${describe(step)}`);
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== "number") refuse("push", `${name} must be a number, got ${describe(value)}`);
      this.curve(name).x.push(step);
      this.curve(name).y.push(value);
    }
    this.steps = (Number.isFinite(step) ? step : this.steps) + 1;
    if (currentFrontend() !== undefined) this.throttle.call();
  }

  /** Shows all points pushed so far. */
  end(): void {
    this.throttle.flush();
  }

  /** The curves so far as an ordinary figure. */
  figure(): Figure<Curves> {
    const curves = [...this.curves].map(
      ([name, { x, y }]) => [name, { x: x.slice(), y: y.slice() }] as const,
    );
    return lineOf(curves, { xLabel: "step", ...this.options });
  }

  /** As a cell's last value it brings its display up to date and adds only a line of text. */
  [displayKey](): MimeBundle {
    this.end();
    return this.shown ? { "text/plain": this.figure().summary } : this.figure()[displayKey]();
  }

  private curve(name: string): Growing {
    let curve = this.curves.get(name);
    if (curve === undefined) this.curves.set(name, (curve = { x: [], y: [] }));
    return curve;
  }

  private show(): void {
    const frontend = currentFrontend();
    if (frontend === undefined) return;
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
