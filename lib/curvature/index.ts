export {
  classify,
  sharpness,
  type Classification,
  type ClassifyOptions,
  type CriticalPoint,
  type Sharpness,
} from "./classify";
export { conditionNumber, type ConditionNumber, type ConditionOptions } from "./condition";
export { spectralDensity, type DensityOptions, type SpectralDensity } from "./density";
export { topEigenpairs, type EigenpairOptions, type Eigenpairs } from "./eigenpairs";
export { spectrum, type Spectrum } from "./exact";
export type { Batches } from "./batches";
export type { DataOptions, ScalarFunction, SplitFunction } from "./objective";
export { fisherOperator, ggnOperator, hessianOperator, type CurvatureOperator } from "./operators";
export { trace, type Trace, type TraceOptions } from "./trace";
