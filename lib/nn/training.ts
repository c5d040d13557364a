import { setImmediate as nextTurn } from "node:timers/promises";
import type { Tensor } from "../tensor";
import { exampleOf, type Example } from "./batch";
import { writeCheckpoint, type Best, type Progress } from "./checkpoint";
import { divergence } from "./diagnose";
import { Fitted, type Ending } from "./fitted";
import { addTo, meansOf, noSums, type EpochRecord, type History } from "./history";
import type { Module, Variables } from "./module";
import type { Batches, FitOptions } from "./options";
import { Shown } from "./shown";
import { measuresOf, type Goal, type Measures, type StepProgram } from "./steps";

/** What a training runs with. */
export interface Plan<P, S> {
  readonly model: Module<P, S>;
  readonly goal: Goal;
  readonly loader: Batches<unknown>;
  readonly options: FitOptions<P, S>;
  /** What the keys of the steps come from. */
  readonly key: Tensor;
  readonly step: StepProgram<P, S>;
  readonly evaluate: (variables: Variables<P, S>, example: Example) => Tensor;
}

export interface Prepared<P, S> {
  readonly plan: Plan<P, S>;
  readonly progress: Progress<P, S>;
}

const breathInterval = 20; // ms

let last: Training | undefined;

/** The training that was begun last: for when a cell was interrupted before it could keep it. */
export function lastTraining(): Training | undefined {
  return last;
}

/** A training under way; awaiting it gives what it comes to. See `fit`. */
export class Training<P = object, S = object> implements PromiseLike<Fitted<P, S>> {
  private now: Progress<P, S> | undefined;
  private interrupted = false;
  private shown: Shown | undefined;
  private epochStarted = 0;
  private breathed = 0;
  private readonly end: Promise<Fitted<P, S>>;

  /** @internal */
  constructor(prepared: Promise<Prepared<P, S>>) {
    this.end = this.run(prepared);
    last = this as unknown as Training;
  }

  /** The best variables so far; undefined before the first step. */
  get best(): Best<P, S> | undefined {
    return this.now && bestOf(this.now);
  }

  /** What was seen so far. */
  get history(): History {
    return this.now?.history ?? { losses: [], gradNorms: [], epochs: [] };
  }

  /** Ends the training after the present step, as an interrupt does. */
  stop(): void {
    this.interrupted = true;
  }

  then<A = Fitted<P, S>, B = never>(
    onFitted?: ((fitted: Fitted<P, S>) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.end.then(onFitted, onFailed);
  }

  private async run(prepared: Promise<Prepared<P, S>>): Promise<Fitted<P, S>> {
    const onInterrupt = (): void => this.stop();
    process.once("SIGINT", onInterrupt);
    try {
      const { plan, progress } = await prepared;
      this.now = progress;
      const { epochs, checkpoint, progress: isShown = true } = plan.options;
      const total = epochs * plan.loader.length;
      if (isShown) this.shown = new Shown(total, progress.history.losses.length, epochs);
      const ending = await this.allEpochs(plan);
      if (ending === "interrupted" && checkpoint) await writeCheckpoint(checkpoint, this.now as Progress);
      return new Fitted(this.now.state.variables, bestOf(this.now), this.now.history, ending);
    } finally {
      process.off("SIGINT", onInterrupt);
      this.shown?.end();
    }
  }

  private async allEpochs(plan: Plan<P, S>): Promise<Ending> {
    const { epochs } = this.now!.history;
    while (epochs.length < plan.options.epochs) {
      const ending = (await this.steps(plan)) ?? (await this.endEpoch(plan));
      if (ending) return ending;
    }
    return "done";
  }

  /** The steps that are left of an epoch. */
  private async steps(plan: Plan<P, S>): Promise<Ending | undefined> {
    const epoch = this.now!.history.epochs.length + 1;
    this.epochStarted = performance.now();
    for await (const batch of plan.loader) {
      const measures = await this.step(plan, exampleOf("fit", batch), epoch);
      await this.breathe();
      if (this.interrupted) return "interrupted";
      const report = { step: this.now!.history.losses.length, epoch, ...measures };
      const variables = this.now!.state.variables;
      if (await told(plan, (c) => c.onStep?.({ ...report, variables }))) return "stopped";
    }
    return undefined;
  }

  /** A device that answers at once leaves no turn in which an interrupt is heard or an output sent. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breathed < breathInterval) return;
    await nextTurn();
    this.breathed = performance.now();
  }

  private async step(plan: Plan<P, S>, example: Example, epoch: number): Promise<Measures> {
    const before = this.now!;
    const { next, report } = plan.step(before.state, example);
    const measures = await measuresOf(report, plan.goal, example);
    const { history } = before;
    if (![measures.loss, measures.gradNorm].every(Number.isFinite)) {
      const place = `epoch ${epoch}`;
      throw await divergence(plan.model, before.state, example, plan.goal, plan.key, place);
    }
    history.losses.push(measures.loss);
    history.gradNorms.push(measures.gradNorm);
    const samples = example.inputs.shape[0];
    const sums = addTo(before.sums, measures, samples);
    this.now = { ...before, state: next, sums, position: plan.loader.position };
    this.shown?.step(history.losses.length, epoch, measures, samples);
    return measures;
  }

  /** Measures, records, keeps the best, writes the checkpoint, and asks whether to go on. */
  private async endEpoch(plan: Plan<P, S>): Promise<Ending | undefined> {
    const { state, history, sums, best } = this.now!;
    const record: EpochRecord = {
      epoch: history.epochs.length + 1,
      ...meansOf(sums),
      validation: await validate(plan, state.variables),
      step: history.losses.length,
      seconds: (performance.now() - this.epochStarted) / 1000,
    };
    history.epochs.push(record);
    const loss = (record.validation ?? record).loss;
    const better = loss < best.loss ? { variables: state.variables, loss, epoch: record.epoch } : best;
    this.now = { state, history, sums: noSums, best: better, position: plan.loader.position };
    this.shown?.epoch(record.step, record);
    const { checkpoint, patience = Infinity } = plan.options;
    if (checkpoint) await writeCheckpoint(checkpoint, this.now as Progress);
    const report = { ...record, variables: state.variables, best: better, history };
    if (await told(plan, (c) => c.onEpoch?.(report))) return "stopped";
    return record.epoch - better.epoch >= patience ? "early" : undefined;
  }
}

/** Before the first epoch is done, the present variables are the best that there are. */
function bestOf<P, S>({ best, state, history }: Progress<P, S>): Best<P, S> {
  return best.epoch > 0
    ? best
    : { variables: state.variables, loss: history.losses.at(-1) ?? Infinity, epoch: 0 };
}

/** Whether a callback says to stop; all are called. */
async function told<P, S>(
  plan: Plan<P, S>,
  call: (callback: NonNullable<FitOptions<P, S>["callbacks"]>[number]) => unknown,
): Promise<boolean> {
  let stop = false;
  for (const callback of plan.options.callbacks ?? []) {
    if ((await call(callback)) === "stop") stop = true;
  }
  return stop;
}

async function validate<P, S>(
  { options, goal, evaluate }: Plan<P, S>,
  variables: Variables<P, S>,
): Promise<EpochRecord["validation"]> {
  if (options.validation === undefined) return undefined;
  let sums = noSums;
  for await (const batch of options.validation) {
    const example = exampleOf("fit", batch);
    const measures = await measuresOf(evaluate(variables, example), goal, example);
    sums = addTo(sums, measures, example.inputs.shape[0]);
    await nextTurn();
  }
  return meansOf(sums);
}
