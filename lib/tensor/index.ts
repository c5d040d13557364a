import "./methods";

export {
  arange,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
  type CreateOptions,
} from "./create";
export { cpu, defaultDevice, devices, memory, setDefaultDevice, withDevice } from "./device";
export type { Device, MemoryUse } from "./device";
export * from "./compare";
export * from "./elementwise";
export * from "./images";
export * from "./indexing";
export * from "./order";
export * from "./product";
export * as random from "./random";
export * from "./reduce";
export * from "./shape";
export { blockUntilReady, Tensor, type NestedArray, type TensorLike } from "./tensor";
