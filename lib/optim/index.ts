export { accumulate, type AccumulateState } from "./accumulate";
export { adam, adamax, adamw, nadam, type AdamOptions, type AmsgradOptions, type NadamOptions } from "./adam";
export {
  adadelta,
  adagrad,
  rmsprop,
  type AdadeltaOptions,
  type AdagradOptions,
  type RmspropOptions,
} from "./adaptive";
export { ema, polyak, type Average, type AverageState, type EmaOptions } from "./average";
export { addWeightDecay, clipByGlobalNorm, clipByValue, globalNorm, scale } from "./clip";
export { partition } from "./groups";
export {
  minimize,
  type Minimization,
  type MinimizeMethod,
  type MinimizeOptions,
  type MinimizeState,
} from "./minimize";
export { applyUpdates, chain, type Optimizer, type RuleState, type Schedule } from "./optimizer";
export { lossScaling, type LossScalingOptions, type LossScalingState } from "./scaling";
export {
  constant,
  cosine,
  exponentialDecay,
  linearDecay,
  linearWarmup,
  piecewiseConstant,
  stepDecay,
} from "./schedule";
export { sgd, type SgdOptions } from "./sgd";
