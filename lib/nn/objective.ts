import type { Tensor } from "../tensor";
import { checkOptions } from "../util/errors";
import { exampleOf, lossFor, type Loss } from "./batch";
import type { Module } from "./module";

export interface ObjectiveOptions {
  /** Of outputs and targets; cross-entropy for class numbers unless given. */
  readonly loss?: Loss;
  /** Whether batch norm uses the batch's own statistics; false unless given. */
  readonly train?: boolean;
}

/** The mean loss of a model as a function of its parameters, with its two parts, which Gauss–Newton matrices need. */
export interface Objective<P> {
  (params: P, batch: unknown): Tensor;
  readonly outputs: (params: P, batch: unknown) => Tensor;
  readonly loss: (outputs: Tensor, batch: unknown) => Tensor;
}

/**
 * `(params, batch) → mean loss` of a model whose state is held fixed, for gradients, `curvature` and
 * `report.hessian(nn.objective(model, state), params, { data: loader })`. A batch is as `fit` takes it.
 */
export function objective<P, S>(model: Module<P, S>, state: S, options: ObjectiveOptions = {}): Objective<P> {
  checkOptions("objective", options, ["loss", "train"]);
  const { train = false } = options;
  const outputs = (params: P, batch: unknown): Tensor =>
    model.apply({ params, state }, exampleOf("objective", batch).inputs, { train }).y;
  const loss = (given: Tensor, batch: unknown): Tensor => {
    const { targets } = exampleOf("objective", batch);
    return lossFor("objective", targets, options.loss)(given, targets);
  };
  return Object.assign((params: P, batch: unknown) => loss(outputs(params, batch), batch), { outputs, loss });
}
