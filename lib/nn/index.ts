export { residual, sequential } from "./compose";
export * as functional from "./functional";
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
export { batchNorm, dropout, layerNorm, type Affine, type BatchNormOptions, type Running } from "./regular";
export * as loss from "./loss";
export * as metrics from "./metrics";
export * as models from "./models";
export { countParameters, summary, type LayerSummary, type Summary } from "./summary";
