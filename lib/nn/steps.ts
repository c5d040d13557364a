/** The two programs of a training: a step, and the measure of a batch. */
import { applyUpdates, globalNorm, type LossScalingState, type Optimizer } from "../optim";
import { random, stack, where, type Tensor } from "../tensor";
import { jit, valueAndGrad } from "../transform";
import type { TensorTree } from "../transform/trees";
import { lossFor, metricsFor, type Example, type Loss, type Metrics } from "./batch";
import type { Module, Variables } from "./module";

/** All that a step changes. */
export interface TrainingState<P = object, S = object> {
  readonly variables: Variables<P, S>;
  readonly optimizer: TensorTree;
  /** int32, how many steps are done. */
  readonly step: Tensor;
}

export interface Goal {
  /** The optimiser scales the loss (optim.lossScaling). */
  readonly scaled?: boolean;
  readonly loss?: Loss;
  readonly metrics?: Metrics;
}

/** The numbers of a batch, as they lie in one tensor: the loss, the gradient's norm where there is one, the metrics. */
export interface Measures {
  readonly loss: number;
  readonly gradNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export type StepProgram<P, S> = (
  state: TrainingState<P, S>,
  example: Example,
) => { readonly next: TrainingState<P, S>; readonly report: Tensor };

/** A step of training as one compiled program. Layers that draw at random get a key of their own each step. */
export function trainingStep<P, S>(
  model: Module<P, S>,
  optimizer: Optimizer,
  goal: Goal,
  key: Tensor,
): StepProgram<P, S> {
  const step = (
    { variables, optimizer: memory, step: count }: TrainingState<P, S>,
    example: Example,
    k: Tensor,
  ): ReturnType<StepProgram<P, S>> => {
    const lossOf = lossInTraining(model, variables.state, example, goal, random.foldIn(k, count));
    const scale = goal.scaled ? (memory as LossScalingState).scale : undefined;
    const scaledLoss = (params: P) => {
      const [value, done] = lossOf(params);
      return [scale ? value.mul(scale) : value, { ...done, loss: value }] as const;
    };
    const [[, { loss, y, state }], slope] = valueAndGrad(scaledLoss, { hasAux: true })(
      variables.params as never,
    );
    const grads = slope as P;
    const { updates, state: remembered } = optimizer.update(grads, memory, variables.params);
    const next = {
      variables: { params: applyUpdates(variables.params, updates), state },
      optimizer: remembered,
      step: count.add(1),
    };
    return { next, report: stack([loss, slopeOf(grads, scale), ...metricsOf(goal, y, example)]) };
  };
  const compiled = jit(step) as typeof step;
  return (state, example) => compiled(state, example, key);
}

/** The gradient's norm; 0 where it overflows in a loss that is scaled, as its step is left out. */
function slopeOf(grads: unknown, scale: Tensor | undefined): Tensor {
  const norm = globalNorm(grads);
  return scale === undefined ? norm : where(norm.abs().less(Infinity), norm.div(scale), 0);
}

type Aux<S> = readonly [Tensor, { readonly y: Tensor; readonly state: S }];

/** The loss of a batch as a function of the parameters, in training. */
export function lossInTraining<P, S>(
  model: Module<P, S>,
  state: S,
  { inputs, targets }: Example,
  goal: Goal,
  key: Tensor,
): (params: P) => Aux<S> {
  return (params) => {
    const done = model.apply({ params, state }, inputs, { train: true, key });
    return [lossFor("fit", targets, goal.loss)(done.y, targets), done];
  };
}

function metricsOf(goal: Goal, y: Tensor, { targets }: Example): Tensor[] {
  return Object.values(metricsFor(targets, goal.metrics)).map((metric) => metric(y, targets).astype(y.dtype));
}

/** The loss and metrics of a batch after training, as one compiled program; the gradient's norm is 0. */
export function evaluation<P, S>(
  model: Module<P, S>,
  goal: Goal,
): (variables: Variables<P, S>, example: Example) => Tensor {
  const measure = (variables: Variables<P, S>, example: Example): Tensor => {
    const { y } = model.apply(variables, example.inputs);
    const loss = lossFor("fit", example.targets, goal.loss)(y, example.targets);
    return stack([loss, loss.mul(0), ...metricsOf(goal, y, example)]);
  };
  return jit<[Variables<P, S>, Example], Tensor>(measure);
}

/** Waits for a batch's numbers. */
export async function measuresOf(report: Tensor, goal: Goal, { targets }: Example): Promise<Measures> {
  const [loss, gradNorm, ...values] = await report.data();
  const names = Object.keys(metricsFor(targets, goal.metrics));
  return { loss, gradNorm, metrics: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
}
