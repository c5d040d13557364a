export * from "./color";
export { centerCrop, crop, fiveCrop, hflip, tenCrop, vflip } from "./crop";
export type { Parameter, Size } from "./images";
export {
  gaussianBlur,
  resize,
  resizedCrop,
  type BlurOptions,
  type ResizeOptions,
  type CropWindow,
} from "./resize";
export type { Interpolation } from "./sample";
export { adjustSharpness, autocontrast, equalize, posterize, solarize } from "./tones";
export { affine, rotate, type AffineOptions, type WarpOptions } from "./warp";
