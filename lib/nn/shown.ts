import { liveLine, progress, type LiveLine, type Progress as Bar } from "../viz";
import { describeMeans, short, type EpochRecord } from "./history";
import type { Measures } from "./steps";

/** What is seen of a training while it runs: a line of progress, and curves that grow. */
export class Shown {
  private readonly bar: Bar;
  private readonly losses: LiveLine = liveLine({ title: "Loss", xLabel: "step", yLabel: "loss" });
  private readonly metrics: LiveLine = liveLine({ title: "Metrics", xLabel: "step" });
  private readonly started = performance.now();
  private samples = 0;

  constructor(
    steps: number,
    done: number,
    private readonly epochs: number,
  ) {
    this.bar = progress(steps, { label: "training" });
    if (done > 0) this.bar.advance(done);
  }

  step(step: number, epoch: number, measures: Measures, samples: number): void {
    this.samples += samples;
    const rate = this.samples / ((performance.now() - this.started) / 1000);
    const place = `epoch ${epoch}/${this.epochs}`;
    this.bar.say(`${place} · ${describeMeans(measures)} · ${short(rate)} samples/s`);
    this.bar.advance();
    this.losses.push({ training: measures.loss }, step);
  }

  epoch(step: number, { metrics, validation }: EpochRecord): void {
    if (validation) this.losses.push({ validation: validation.loss }, step);
    for (const [name, value] of Object.entries(metrics)) {
      const measured = validation?.metrics[name];
      this.metrics.push(
        {
          [`${name}, training`]: value,
          ...(measured !== undefined && { [`${name}, validation`]: measured }),
        },
        step,
      );
    }
  }

  end(): void {
    this.bar.end();
    this.losses.end();
    this.metrics.end();
  }
}
