export { residual, sequential } from "./compose";
export type { Loss, Metrics } from "./batch";
export type { Best } from "./checkpoint";
export { DivergenceError } from "./diagnose";
export { fit } from "./fit";
export { Fitted, type Ending } from "./fitted";
export * as functional from "./functional";
export type { EpochRecord, History } from "./history";
export * as init from "./init";
export type { Initializer } from "./init";
export {
  adaptiveAvgPool2d,
  avgPool2d,
  conv2d,
  dense,
  elu,
  embedding,
  flatten,
  gelu,
  globalAvgPool,
  leakyRelu,
  maxPool2d,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from "./layers";
export type { Application, ApplyOptions, Layer, Module, Variables } from "./module";
export { objective, type Objective, type ObjectiveOptions } from "./objective";
export type { Batches, Callback, EpochReport, FitOptions, StepReport } from "./options";
export { mixedPrecision } from "./precision";
export {
  batchNorm,
  dropout,
  layerNorm,
  type ScaleAndShift,
  type BatchNormOptions,
  type Running,
} from "./regular";
export * as inspect from "./inspect";
export type { ActivationStatistics, GradientStatistics, UpdateRatio } from "./inspect";
export * as loss from "./loss";
export * as metrics from "./metrics";
export * as models from "./models";
export { countParameters, summary, type LayerSummary, type Summary } from "./summary";
export { load, save } from "./store";
export { lastTraining, Training } from "./training";
