import { randomUUID } from "node:crypto";
import { checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { currentFrontend, type Frontend } from "../util/frontend";
import { escapeHtml } from "../util/html";
import { Throttle } from "./throttle";

export interface ProgressOptions {
  /** What is going on. */
  readonly label?: string;
}

const displayInterval = 100; // ms
const barWidth = 24;

/** What can show a line of progress again and again in one place. */
interface Sink {
  show(text: string, fraction: number): void;
  end(): void;
}

/**
 * Progress through a known number of steps, shown in place: a display that updates itself in a
 * notebook, a line on stderr in plain Node. As an iterable it counts by itself:
 * `for (const epoch of progress(30, { label: "training" })) …`.
 */
export class Progress implements Iterable<number> {
  private done = 0;
  private message = "";
  private ended = false;
  private readonly started = performance.now();
  private readonly sink: Sink;
  private readonly throttle: Throttle;

  constructor(
    readonly total: number,
    private readonly label: string,
  ) {
    const frontend = currentFrontend();
    this.sink = frontend === undefined ? stderrSink() : displaySink(frontend);
    this.throttle = new Throttle(displayInterval, () => this.sink.show(this.text(), this.fraction()));
    this.throttle.call();
  }

  /** Counts `steps` more as done. */
  advance(steps = 1): void {
    this.done = Math.min(this.total, this.done + steps);
    this.throttle.call();
  }

  /** Sets what stands behind the bar, for instance the loss. */
  say(message: string): void {
    this.message = message;
    this.throttle.call();
  }

  /** Shows the last state and leaves it. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.throttle.call();
    this.throttle.flush();
    this.sink.end();
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    try {
      for (let step = this.done; step < this.total; step++) {
        yield step;
        this.advance();
      }
    } finally {
      this.end();
    }
  }

  private fraction(): number {
    return this.total === 0 ? 1 : this.done / this.total;
  }

  private text(): string {
    const filled = Math.round(barWidth * this.fraction());
    const bar = "█".repeat(filled) + "░".repeat(barWidth - filled);
    const percent = `${Math.floor(100 * this.fraction())}%`.padStart(4);
    const parts = [
      `${this.label} ${bar} ${percent}`,
      `${this.done}/${this.total}`,
      this.time(),
      this.message,
    ];
    return parts.filter((part) => part !== "").join(" · ");
  }

  private time(): string {
    const elapsed = (performance.now() - this.started) / 1000;
    if (this.done === 0) return "";
    if (this.done === this.total) return `${seconds(elapsed)} in all`;
    return `${seconds((elapsed / this.done) * (this.total - this.done))} left`;
  }
}

/** Shows progress through `total` steps; see `Progress`. Refuses a total that is not a whole number. */
export function progress(total: number, options: ProgressOptions = {}): Progress {
  checkOptions("progress", options, ["label"]);
  return new Progress(checkWhole("progress", "total", total, 0), options.label ?? "progress");
}

function seconds(value: number): string {
  if (value < 60) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return `${minutes}:${String(Math.floor(value % 60)).padStart(2, "0")} min`;
}

function displaySink(frontend: Frontend): Sink {
  const displayId = `saddle-progress-${randomUUID()}`;
  let update = false;
  return {
    show(text) {
      const html = `<pre class="saddle-progress" style="margin:0">${escapeHtml(text)}</pre>`;
      frontend.display({ "text/html": html, "text/plain": text }, { displayId, update });
      update = true;
    },
    end: () => undefined,
  };
}

/** Redraws one line on a terminal; into a file, a line each tenth of the way. */
function stderrSink(): Sink {
  const { stderr } = process;
  let tenths = -1;
  return {
    show(text, fraction) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${text.slice(0, stderr.columns - 1)}`);
      else if (Math.floor(10 * fraction) > tenths) stderr.write(`${text}\n`);
      tenths = Math.floor(10 * fraction);
    },
    end() {
      if (stderr.isTTY) stderr.write("\n");
    },
  };
}
