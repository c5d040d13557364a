/** Convolution and pooling of images [samples, channels, height, width]. */
import type { Node } from "../graph/node";
import { equal, mul, where as choose } from "../ops/binary";
import { constantLike } from "../ops/define";
import { conv2d as convNodes } from "../ops/conv";
import { max as maxNodes } from "../ops/extremum";
import { sum as sumNodes } from "../ops/sum";
import { windows } from "../ops/windows";
import { checkWhole, isListOf } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape } from "../util/shapes";
import { asFloat, floatOperands } from "./lift";
import { wrap, type Tensor, type TensorLike } from "./tensor";

/** A count for both height and width, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * Zeros around the images: a count for all sides, [height, width], [[top, bottom], [left, right]], or "same", by which
 * the result has height / stride and width / stride, rounded up.
 */
export type Padding = PerAxis | readonly (readonly number[])[] | "same";

export interface Conv2dOptions {
  /** 1 unless given. */
  readonly stride?: PerAxis;
  /** 0 unless given. */
  readonly padding?: Padding;
  /** Distance between the kernel's elements; 1 unless given. */
  readonly dilation?: PerAxis;
  /** Channels are split into this many groups that do not mix; 1 unless given. */
  readonly groups?: number;
}

export interface PoolOptions {
  /** Height and width of the window. */
  readonly kernel: PerAxis;
  /** The kernel's unless given. */
  readonly stride?: PerAxis;
  /** 0 unless given. */
  readonly padding?: Padding;
}

/** Where the windows of one axis begin, and how many there are. */
interface AxisWindows {
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly count: number;
}

/**
 * Cross-correlation of images x [n, c, h, w] with kernels w [o, c / groups, kh, kw]: [n, o, h', w'] with
 * h' = ⌊(h + top + bottom − dilation·(kh − 1) − 1) / stride⌋ + 1, as torch's conv2d.
 */
export function conv2d(x: TensorLike, w: TensorLike, options: Conv2dOptions = {}): Tensor {
  checkOptions("conv2d", options, ["stride", "padding", "dilation", "groups"]);
  const { groups = 1 } = options;
  const [images, kernels] = floatOperands("conv2d", [x, w], ["x", "w"]);
  checkImages("conv2d", images);
  checkKernels(images, kernels, groups);
  const layout = layoutOf("conv2d", images, kernels.shape.slice(2), options, options.dilation);
  const each = (pick: (l: AxisWindows) => number): number[] => layout.map(pick);
  return wrap(
    convNodes(images, kernels, {
      stride: each((l) => l.stride),
      dilation: each((l) => l.dilation),
      padding: each((l) => l.padding),
      groups,
      size: each((l) => l.count),
    }),
  );
}

function checkImages(where: string, x: Node): void {
  if (x.shape.length !== 4) {
    refuse(where, `x must have shape [samples, channels, height, width], got ${formatShape(x.shape)}`);
  }
}

function checkKernels(images: Node, kernels: Node, groups: number): void {
  if (kernels.shape.length !== 4) {
    refuse(
      "conv2d",
      `w must have shape [out, in / groups, height, width], got ${formatShape(kernels.shape)}`,
    );
  }
  checkWhole("conv2d", "groups", groups, 1);
  const [channels, [out, inside]] = [images.shape[1], kernels.shape];
  if (channels !== inside * groups || out % groups !== 0) {
    refuse(
      "conv2d",
      `x of ${channels} channels and w of shape ${formatShape(kernels.shape)} do not fit in ${groups} ${groups === 1 ? "group" : "groups"}: w must be [multiple of ${groups}, ${channels / groups}, height, width]`,
    );
  }
}

/** A pair of integers, not below `least`. */
function pair(where: string, name: string, value: unknown, least: number): number[] {
  const list: unknown = typeof value === "number" ? [value, value] : value;
  const isFit = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= least;
  if (!isListOf(list, isFit) || (list as readonly unknown[]).length !== 2) {
    refuse(
      where,
      `${name} must be an integer of at least ${least} or a pair of them, got ${describe(value)}`,
    );
  }
  return list as number[];
}

function layoutOf(
  where: string,
  x: Node,
  kernel: readonly number[],
  { stride = 1, padding = 0 }: { stride?: PerAxis; padding?: Padding },
  dilation: PerAxis = 1,
): AxisWindows[] {
  const strides = pair(where, "stride", stride, 1);
  const dilations = pair(where, "dilation", dilation, 1);
  const lengths = x.shape.slice(2);
  const reach = kernel.map((k, d) => dilations[d] * (k - 1) + 1);
  const around = paddingOf(where, padding, lengths, reach, strides);
  return lengths.map((length, d) => {
    const [before, after] = around[d];
    const padded = length + before + after;
    if (kernel[d] < 1 || padded < reach[d]) {
      refuse(
        where,
        `a window of ${reach.join(" × ")} does not fit into images of ${lengths.join(" × ")} with padding ${describe(padding)}`,
      );
    }
    const count = Math.floor((padded - reach[d]) / strides[d]) + 1;
    return { stride: strides[d], dilation: dilations[d], padding: before, count };
  });
}

/** [before, after] of height and of width. */
function paddingOf(
  where: string,
  padding: Padding,
  lengths: readonly number[],
  reach: readonly number[],
  strides: readonly number[],
): (readonly number[])[] {
  if (padding === "same") {
    return lengths.map((n, d) => {
      const total = Math.max(0, (Math.ceil(n / strides[d]) - 1) * strides[d] + reach[d] - n);
      return [total >> 1, total - (total >> 1)];
    });
  }
  if (Array.isArray(padding) && padding.length === 2 && isListOf(padding, Array.isArray)) {
    return padding.map((sides, d) => pair(where, `padding[${d}]`, sides, 0));
  }
  if (typeof padding === "string") {
    refuse(where, `padding must be counts or "same", got ${describe(padding)}`);
  }
  return pair(where, "padding", padding, 0).map((n) => [n, n]);
}

/** [n, c, kh, h', kw, w'] and the layout of the windows. */
function poolWindows(
  where: string,
  x: Node,
  options: PoolOptions,
): { taps: Node; layout: AxisWindows[]; size: number[] } {
  checkOptions(where, options, ["kernel", "stride", "padding"]);
  checkImages(where, x);
  const size = pair(where, "kernel", options.kernel, 1);
  const layout = layoutOf(where, x, size, {
    stride: options.stride ?? options.kernel,
    padding: options.padding,
  });
  layout.forEach((l, d) => {
    if (l.padding >= size[d]) {
      refuse(
        where,
        `padding must be less than the kernel, got ${l.padding} for a kernel of ${size.join(" × ")}`,
      );
    }
  });
  return { taps: windowsOf(x, size, layout), layout, size };
}

function windowsOf(x: Node, size: readonly number[], [rows, columns]: readonly AxisWindows[]): Node {
  return windows(windows(x, 2, size[0], rows.count, rows), 4, size[1], columns.count, columns);
}

/** The largest element of each window; padding never wins. Ties share the derivative. */
export function maxPool2d(x: TensorLike, options: PoolOptions): Tensor {
  const node = asFloat("maxPool2d", x);
  const { taps, layout, size } = poolWindows("maxPool2d", node, options);
  if (!reachesOutside(node, layout, size)) return wrap(maxNodes(taps, [2, 4]));
  const inside = windowsOf(constantLike(node, 1), size, layout);
  const lowest = constantLike(taps, -Infinity);
  return wrap(maxNodes(choose(equal(inside, constantLike(inside, 1)), taps, lowest), [2, 4]));
}

function reachesOutside(x: Node, layout: readonly AxisWindows[], size: readonly number[]): boolean {
  return layout.some(
    (l, d) => l.padding > 0 || (l.count - 1) * l.stride + size[d] - l.padding > x.shape[2 + d],
  );
}

/** The mean of each window; padding counts as zeros, as in torch. */
export function avgPool2d(x: TensorLike, options: PoolOptions): Tensor {
  const node = asFloat("avgPool2d", x);
  const { taps, size } = poolWindows("avgPool2d", node, options);
  const total = sumNodes(taps, [2, 4]);
  return wrap(mul(total, constantLike(total, 1 / (size[0] * size[1]))));
}
