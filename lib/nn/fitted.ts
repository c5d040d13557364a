import { displayKey, type MimeBundle } from "../util/frontend";
import { line, type Figure } from "../viz";
import type { Best } from "./checkpoint";
import { describeMeans, short, type EpochRecord, type History } from "./history";
import type { Variables } from "./module";

/** All epochs are done, a callback stopped it, the validation loss no longer fell, or it was interrupted. */
export type Ending = "done" | "stopped" | "early" | "interrupted";

/** What a training has come to: the last variables, the best, and what was seen on the way. */
export class Fitted<P = object, S = object> implements Variables<P, S> {
  readonly params: P;
  readonly state: S;

  constructor(
    variables: Variables<P, S>,
    readonly best: Best<P, S>,
    readonly history: History,
    readonly ending: Ending,
  ) {
    this.params = variables.params;
    this.state = variables.state;
  }

  /** The losses of all steps, and the epochs' means on training and validation data at the steps where they ended. */
  figure(): Figure {
    const { losses, epochs } = this.history;
    const x = epochs.map(({ step }) => step);
    const validation = epochs.flatMap((e) => (e.validation ? [e.validation.loss] : []));
    return line(
      {
        step: { x: losses.map((_, i) => i + 1), y: losses },
        ...(epochs.length > 0 && { epoch: { x, y: epochs.map((e) => e.loss) } }),
        ...(validation.length > 0 && {
          validation: { x: x.slice(x.length - validation.length), y: validation },
        }),
      },
      { title: "Loss", xLabel: "step", yLabel: "loss" },
    );
  }

  toString(): string {
    const { losses, epochs } = this.history;
    const last = epochs.at(-1);
    const lines = [
      `${epochs.length} epochs, ${losses.length} steps (${this.ending})`,
      ...(last ? [`last epoch: ${describeEpoch(last)}`] : []),
      ...(this.best.epoch > 0 ? [`best epoch: ${this.best.epoch}, loss ${short(this.best.loss)}`] : []),
    ];
    return lines.join("\n");
  }

  [displayKey](): MimeBundle {
    return { "text/plain": this.toString() };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function describeEpoch({ loss, metrics, validation }: EpochRecord): string {
  const training = describeMeans({ loss, metrics });
  return validation ? `${training}; validation: ${describeMeans(validation)}` : training;
}
