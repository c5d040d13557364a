export {
  condition,
  type AlongNumbers,
  type ConditionNumbers,
  type ConditionReportOptions,
  type MatrixNumbers,
  type MethodRun,
  type RecordedRun,
} from "./condition";
export { devices, type DeviceNumbers, type LinearAlgebra } from "./devices";
export { profile, startProfile, type OpProfile, type ProfileNumbers, type Profiling } from "./profile";
export {
  hessian,
  type BlockNumbers,
  type GgnNumbers,
  type HessianNumbers,
  type HessianReport,
  type HessianReportOptions,
} from "./hessian";
export { Report, type Cell, type ReportParts, type ReportTable } from "../viz";
export { augment, type AugmentNumbers, type AugmentOptions, type DrawNumbers, type Variant } from "./augment";
