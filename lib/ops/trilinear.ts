/**
 * Convolution over images and its two transposes. All three are derivatives of one trilinear form,
 *
 *   T(x, w, y) = Σ x[n, g, c, i·stride + k·dilation − padding] · w[g, o, c, k] · y[n, g, o, i],
 *
 * in one of its arguments, the other two given: dT/dy is the convolution, dT/dx and dT/dw are what its gradients need.
 * So each one's transposes are the others, to any order.
 */
import type { Attrs, CpuArray } from "../graph/node";
import type { TypedArray } from "../util/dtypes";
import { sizeOf, type Shape } from "../util/shapes";

/** The arguments of the trilinear form, by what they are to a layer. */
export type Role = "image" | "kernel" | "output";

/** Pairs are of height and width. */
export interface Convolution {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Zeros above and to the left; those below and to the right follow from the sizes. */
  readonly padding: readonly number[];
  readonly groups: number;
  /** The result's height and width. */
  readonly size: readonly number[];
}

/** The two arguments that each derivative is taken from, in the order of its inputs. */
export const operandsOf: Readonly<Record<Role, readonly [Role, Role]>> = {
  output: ["image", "kernel"],
  image: ["output", "kernel"],
  kernel: ["image", "output"],
};

export const namesOf: Readonly<Record<Role, string>> = {
  output: "conv2d",
  image: "conv2dOfOutput",
  kernel: "conv2dOfImages",
};

export const convolutionOf = (attrs: Attrs): Convolution => attrs as unknown as Convolution;

/** Lengths of the form's axes. */
export interface Extents {
  readonly n: number;
  readonly groups: number;
  /** Channels of the images and of the outputs, in one group. */
  readonly c: number;
  readonly o: number;
  /** Height and width of each argument. */
  readonly image: readonly number[];
  readonly kernel: readonly number[];
  readonly output: readonly number[];
}

export function extentsOf(result: Role, shapes: readonly Shape[], { groups, size }: Convolution): Extents {
  const [a, b] = operandsOf[result];
  const shapeOf = (role: Role): Shape | undefined =>
    role === a ? shapes[0] : role === b ? shapes[1] : undefined;
  const [image, kernel, output] = [shapeOf("image"), shapeOf("kernel"), shapeOf("output")];
  return {
    groups,
    n: (image ?? output)![0],
    c: kernel ? kernel[1] : image![1] / groups,
    o: kernel ? kernel[0] / groups : output![1] / groups,
    image: image?.slice(2) ?? size,
    kernel: kernel?.slice(2) ?? size,
    output: output?.slice(2) ?? size,
  };
}

export function shapeOfRole(role: Role, e: Extents): number[] {
  if (role === "image") return [e.n, e.groups * e.c, ...e.image];
  if (role === "kernel") return [e.groups * e.o, e.c, ...e.kernel];
  return [e.n, e.groups * e.o, ...e.output];
}

/** Adds to `out` the products of the two arrays that the form pairs with each of its elements, row by row. */
export function accumulate(
  result: Role,
  inputs: readonly CpuArray[],
  conv: Convolution,
  out: TypedArray,
): void {
  const e = extentsOf(
    result,
    inputs.map((x) => x.shape),
    conv,
  );
  const data = new Map<Role, TypedArray>([[result, out]]);
  operandsOf[result].forEach((role, i) => data.set(role, inputs[i].data));
  const [x, w, y] = [data.get("image")!, data.get("kernel")!, data.get("output")!];
  const step = conv.stride[1];
  forEachRow(e, conv, (xAt, wAt, yAt, count) => {
    if (result === "output") for (let i = 0; i < count; i++) y[yAt + i] += w[wAt] * x[xAt + i * step];
    else if (result === "image") for (let i = 0; i < count; i++) x[xAt + i * step] += w[wAt] * y[yAt + i];
    else for (let i = 0; i < count; i++) w[wAt] += x[xAt + i * step] * y[yAt + i];
  });
}

type RowVisitor = (image: number, kernel: number, output: number, count: number) => void;

/** Visits the positions at which each row of outputs begins that one kernel element touches, and their number. */
function forEachRow(e: Extents, conv: Convolution, visit: RowVisitor): void {
  const [kh, kw] = e.kernel;
  const planes = e.n * e.groups * e.o * e.c;
  for (let plane = 0; plane < planes; plane++) {
    const c = plane % e.c;
    const o = Math.floor(plane / e.c) % e.o;
    const ng = Math.floor(plane / (e.c * e.o));
    const imageAt = (ng * e.c + c) * sizeOf(e.image);
    const outputAt = (ng * e.o + o) * sizeOf(e.output);
    const kernelAt = (((ng % e.groups) * e.o + o) * e.c + c) * kh * kw;
    for (let tap = 0; tap < kh * kw; tap++) {
      const [ky, kx] = [Math.floor(tap / kw), tap % kw];
      forEachTap(e, conv, [ky, kx], (image, output, count) =>
        visit(imageAt + image, kernelAt + tap, outputAt + output, count),
      );
    }
  }
}

/** The rows of one image plane and one output plane that meet under the kernel element `k`. */
function forEachTap(
  e: Extents,
  { stride, dilation, padding }: Convolution,
  k: readonly number[],
  visit: (image: number, output: number, count: number) => void,
): void {
  const [dy, dx] = [k[0] * dilation[0] - padding[0], k[1] * dilation[1] - padding[1]];
  const first = Math.max(0, Math.ceil(-dx / stride[1]));
  const last = Math.min(e.output[1] - 1, Math.floor((e.image[1] - 1 - dx) / stride[1]));
  if (last < first) return;
  for (let oy = 0; oy < e.output[0]; oy++) {
    const iy = oy * stride[0] + dy;
    if (iy < 0 || iy >= e.image[0]) continue;
    visit(iy * e.image[1] + first * stride[1] + dx, oy * e.output[1] + first, last - first + 1);
  }
}
