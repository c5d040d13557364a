/** Affine maps of the plane, about the images' centre. */
import type { Tensor, TensorLike } from "../../tensor";
import { holdsAnywhere } from "../../tensor/known";
import { isTensorLike } from "../../tensor/lift";
import { checkOptions, describe, refuse } from "../../util/errors";
import {
  asImages,
  flattened,
  pairPerImage,
  perImage,
  positions,
  sizeOfImages,
  unflattened,
  type Parameter,
} from "./images";
import { sampleAt, type Interpolation } from "./sample";

export interface WarpOptions {
  /** "bilinear" (the default: it is differentiable) or "nearest". */
  readonly interpolation?: Interpolation;
  /** The value outside of the image; 0 unless given. Bilinear values at its border blend into it. */
  readonly fill?: number;
}

export interface AffineOptions extends WarpOptions {
  /** Degrees, clockwise. */
  readonly angle?: Parameter;
  /** [x, y] in pixels, to the right and down; a tensor of […batch, 2] for each image its own. */
  readonly translate?: TensorLike;
  readonly scale?: Parameter;
  /** [x, y] in degrees; a tensor of […batch, 2] for each image its own. */
  readonly shear?: TensorLike;
}

/**
 * Images […, C, H, W] turned by `angle` degrees counter-clockwise about their centre, in their old frame
 * (torchvision's `rotate`). Differentiable in the images and, bilinearly, in the angle.
 */
export function rotate(x: TensorLike, angle: Parameter, options: WarpOptions = {}): Tensor {
  checkOptions("rotate", options, ["interpolation", "fill"]);
  const images = asImages("rotate", x, angle);
  return warp("rotate", images, { angle: perImage("rotate", "angle", angle, images).neg() }, options);
}

/**
 * Images […, C, H, W] turned, sheared, scaled about their centre and then moved (torchvision's `affine`; its `angle` is
 * clockwise, unlike that of `rotate`). Differentiable in the images and, bilinearly, in every parameter.
 */
export function affine(x: TensorLike, options: AffineOptions = {}): Tensor {
  checkOptions("affine", options, ["angle", "translate", "scale", "shear", "interpolation", "fill"]);
  const { angle = 0, translate, scale, shear, ...rest } = options;
  const images = asImages("affine", x, angle, translate, scale, shear);
  const motion = {
    angle: perImage("affine", "angle", angle, images),
    ...(translate !== undefined && { translate: pairPerImage("affine", "translate", translate, images) }),
    ...(scale !== undefined && { scale: perImage("affine", "scale", checkScale(scale), images) }),
    ...(shear !== undefined && { shear: pairPerImage("affine", "shear", shear, images) }),
  };
  return warp("affine", images, motion, rest);
}

/** Refuses what has no inverse, or mirrors, as torchvision does. */
function checkScale(scale: Parameter): Parameter {
  if (isTensorLike(scale) && holdsAnywhere((s) => s.greater(0).logicalNot(), scale))
    refuse("affine", `scale must be above 0, got ${describe(scale)}`);
  return scale;
}

/** In degrees and pixels, each broadcasting to [N, 1, 1, 1]. */
export interface Motion {
  readonly angle: Tensor;
  readonly translate?: readonly [Tensor, Tensor];
  readonly scale?: Tensor;
  readonly shear?: readonly [Tensor, Tensor];
}

/** Planes of any dtype, moved; integers only to the nearest pixel. */
export function warp(where: string, images: Tensor, motion: Motion, options: WarpOptions): Tensor {
  const { interpolation = "bilinear", fill = 0 } = options;
  if (interpolation !== "bilinear" && interpolation !== "nearest") {
    refuse(where, `interpolation must be "bilinear" or "nearest", got ${describe(interpolation)}`);
  }
  if (!Number.isFinite(fill)) refuse(where, `fill must be a number, got ${describe(fill)}`);
  const flat = flattened(images);
  const [x, y] = sources(flat, motion);
  // Outside is zero, so what is sampled is the difference from the fill.
  const moved = fill === 0 ? flat : flat.sub(fill);
  const sampled = sampleAt(moved, x, y, interpolation);
  return unflattened(fill === 0 ? sampled : sampled.add(fill), images);
}

/** The coordinates in the image of each pixel of its moved self. */
function sources(images: Tensor, motion: Motion): [Tensor, Tensor] {
  const [height, width] = sizeOfImages(images);
  const { xx, xy, yx, yy } = inverseMatrix(motion);
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const [tx, ty] = motion.translate ?? [0, 0];
  const dx = positions(width, images).sub(centreX).sub(tx);
  const dy = positions(height, images).reshape([height, 1]).sub(centreY).sub(ty);
  return [dx.mul(xx).add(dy.mul(xy)).add(centreX), dx.mul(yx).add(dy.mul(yy)).add(centreY)];
}

/** The inverse of rotation ∘ shear ∘ scale (torchvision's `_get_inverse_affine_matrix`). */
function inverseMatrix({ angle, scale, shear }: Motion): Readonly<Record<"xx" | "xy" | "yx" | "yy", Tensor>> {
  const radians = (degrees: Tensor): Tensor => degrees.mul(Math.PI / 180);
  const turn = radians(angle);
  const plain = { a: turn.cos(), b: turn.sin().neg(), c: turn.sin(), d: turn.cos() };
  const { a, b, c, d } = shear === undefined ? plain : sheared(turn, radians(shear[0]), radians(shear[1]));
  const unit = scale ?? 1;
  return { xx: d.div(unit), xy: b.neg().div(unit), yx: c.neg().div(unit), yy: a.div(unit) };
}

function sheared(turn: Tensor, sx: Tensor, sy: Tensor): Readonly<Record<"a" | "b" | "c" | "d", Tensor>> {
  const [cos, sin] = [turn.sub(sy).cos().div(sy.cos()), turn.sub(sy).sin().div(sy.cos())];
  const tan = sx.tan();
  return { a: cos, b: cos.mul(tan).add(turn.sin()).neg(), c: sin, d: turn.cos().sub(sin.mul(tan)) };
}

/** Where the points (x, y), in pixels from the corner of images of `size`, come to lie. */
export function movePoints(
  [height, width]: readonly [number, number],
  motion: Motion,
  x: Tensor,
  y: Tensor,
): [Tensor, Tensor] {
  const { xx, xy, yx, yy } = inverseMatrix(motion);
  const determinant = xx.mul(yy).sub(xy.mul(yx));
  const [dx, dy] = [x.sub(width / 2), y.sub(height / 2)];
  const [tx, ty] = motion.translate ?? [0, 0];
  const movedX = yy.mul(dx).sub(xy.mul(dy)).div(determinant);
  const movedY = xx.mul(dy).sub(yx.mul(dx)).div(determinant);
  return [movedX.add(tx).add(width / 2), movedY.add(ty).add(height / 2)];
}
