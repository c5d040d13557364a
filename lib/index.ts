export { currentFrontend, displayKey, installFrontend } from "./util/frontend";
export type { DisplayOptions, Frontend, MimeBundle } from "./util/frontend";
export { ArgumentError, DeviceError, SaddleError } from "./util/errors";
export type { DType, TypedArray } from "./util/dtypes";
export type { Axes, Shape } from "./util/shapes";
export * from "./tensor";
export * from "./transform";
export * as data from "./data";
export * as viz from "./viz";
