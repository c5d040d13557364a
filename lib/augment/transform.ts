/**
 * Transforms whose draws are values: what `sample` draws can be shown, kept, and applied again to the same effect
 * (after Kornia, Riba et al. 2020).
 */
import { isListOf } from "../util/checks";
import { random, zeros, withDevice, type Tensor } from "../tensor";
import { traced } from "../tensor/tensor";
import { describe, refuse } from "../util/errors";
import { checkShape, formatShape, type Shape } from "../util/shapes";
import type { Draws } from "./draws";

/** The numbers of a draw: tensors under their names, with the images' leading axes. */
export interface Params {
  readonly [name: string]: Tensor | Params;
}

/**
 * A random change of images […, C, H, W]: each of a batch has its own draw. What goes along with the images is
 * optional: a transform without `masks`, `boxes` or `labels` leaves them as they are.
 */
export interface Transform<P extends Params = Params> {
  /** What it is called in the parameters of a composition and in captions. */
  readonly name?: string;
  /** Draws the parameters for images of `shape`. The same key draws the same. */
  sample(key: Tensor, shape: Shape): P;
  apply(params: P, images: Tensor): Tensor;
  /** Masks […, C, H, W] of any dtype; no two values are mixed. */
  masks?(params: P, masks: Tensor): Tensor;
  /** Boxes […, M, 4] of [left, top, right, bottom] in pixels, for images of `shape`; cut at the frame. */
  boxes?(params: P, boxes: Tensor, shape: Shape): Tensor;
  /** Probabilities of classes [N, K]. */
  labels?(params: P, labels: Tensor): Tensor;
  /** The numbers that it draws for images of `shape`, and from where; `report.augment` shows what each changes. */
  readonly draws?: (shape: Shape) => Draws<P>;
  /** The transforms of a composition, under the names of their parameters. */
  readonly parts?: readonly (readonly [name: string, transform: Transform])[];
}

/** Transforms one after the other. Its parameters are those of each, under its name. */
export function compose(transforms: readonly Transform[]): Transform {
  if (!isListOf(transforms, (transform) => transform !== undefined) || transforms.length === 0) {
    refuse("compose", `needs an array of at least one transform, got ${describe(transforms)}`);
  }
  const steps = named(transforms);
  const folded =
    <T>(change: (step: Transform, params: Params, value: T) => T) =>
    (params: Params, value: T): T =>
      steps.reduce((current, [name, step]) => change(step, partOf(params, name), current), value);
  return {
    name: "compose",
    parts: steps,
    sample: (key, shape) => sampleEach(steps, key, shape),
    apply: folded((step, params, images: Tensor) => step.apply(params, images)),
    masks: folded((step, params, masks: Tensor) => step.masks?.(params, masks) ?? masks),
    labels: folded((step, params, labels: Tensor) => step.labels?.(params, labels) ?? labels),
    boxes: (params, boxes, shape) =>
      folded((step, own, current: { boxes: Tensor; shape: Shape }) => ({
        boxes: step.boxes?.(own, current.boxes, current.shape) ?? current.boxes,
        shape: shapeAfter(step, own, current.shape, current.boxes),
      }))(params, { boxes, shape }).boxes,
  };
}

type NamedTransform = readonly [name: string, transform: Transform];

/** Each transform under a name of its own: randomRotation, randomRotation2, … */
function named(transforms: readonly Transform[]): NamedTransform[] {
  const seen = new Map<string, number>();
  return transforms.map((transform, i) => {
    checkTransform("compose", `transforms[${i}]`, transform);
    const name = transform.name ?? "transform";
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return [count === 1 ? name : `${name}${count}`, transform];
  });
}

function sampleEach(steps: readonly NamedTransform[], key: Tensor, shape: Shape): Params {
  const keys = random.split(key, steps.length);
  let current = shape;
  return Object.fromEntries(
    steps.map(([name, step], i) => {
      const params = step.sample(keys[i], current);
      if (i < steps.length - 1) current = shapeAfter(step, params, current, key);
      return [name, params];
    }),
  );
}

/** Building an expression computes nothing, so the shape of a result is had by applying the transform to zeros. */
function shapeAfter(step: Transform, params: Params, shape: Shape, like: Tensor): Shape {
  return traced(() => withDevice(like.device, () => step.apply(params, zeros(shape)))).shape;
}

function partOf(params: Params, name: string): Params {
  const part = params[name] as Params | undefined;
  return (
    part ?? refuse("compose", `params have no ${name}; they must come from sample of the same composition`)
  );
}

export function checkTransform(where: string, name: string, value: unknown): asserts value is Transform {
  const { sample, apply } = (value ?? {}) as Partial<Transform>;
  if (typeof sample === "function" && typeof apply === "function") return;
  const advice = typeof value === "function" ? "; call the function that makes it" : "";
  refuse(where, `${name} must be a transform {sample, apply}, got ${describe(value)}${advice}`);
}

/** Images and what goes along with them; see `Transform`. */
export interface Batch {
  readonly images: Tensor;
  readonly masks?: Tensor;
  readonly boxes?: Tensor;
  readonly labels?: Tensor;
}

/** Draws once from `transform` and applies the draw to all that `batch` has. */
export function run(transform: Transform, key: Tensor, batch: Batch): Batch & { readonly params: Params } {
  checkTransform("run", "transform", transform);
  const { images, masks, boxes, labels } = batch;
  const params = transform.sample(key, images.shape);
  return {
    params,
    images: transform.apply(params, images),
    ...(masks && { masks: transform.masks?.(params, masks) ?? masks }),
    ...(boxes && { boxes: transform.boxes?.(params, boxes, images.shape) ?? boxes }),
    ...(labels && { labels: transform.labels?.(params, labels) ?? labels }),
  };
}

/** The axes of a batch of images of `shape`. */
export function batchShape(where: string, shape: Shape): Shape {
  if (checkShape(where, shape).length < 3) {
    refuse(where, `shape must be that of images, […, C, H, W], got ${formatShape(shape)}`);
  }
  return shape.slice(0, -3);
}

/** Height and width in a shape of images. */
export function frameOf(shape: Shape): readonly [number, number] {
  return [shape[shape.length - 2], shape[shape.length - 1]];
}

export function checkBoxes(where: string, boxes: Tensor): void {
  if (boxes.ndim < 2 || boxes.shape[boxes.ndim - 1] !== 4) {
    refuse(where, `boxes must have shape […, M, 4], got ${formatShape(boxes.shape)}`);
  }
}
