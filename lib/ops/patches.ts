/** Convolutions as matrix products of views: on the device no patch is ever copied (implicit GEMM). */
import type { Node } from "../graph/node";
import { sizeOf } from "../util/shapes";
import { matmul } from "./matmul";
import { expand, sum } from "./sum";
import { extentsOf, shapeOfRole, type Convolution, type Extents, type Role } from "./trilinear";
import { permute, reshape } from "./view";
import { spreadWindows, windows, type Sliding } from "./windows";

/** The convolution as a batched matrix product of views: the windows are index arithmetic inside the kernel. */
export function contraction(result: Role, inputs: readonly Node[], conv: Convolution): Node {
  const e = extentsOf(
    result,
    inputs.map((x) => x.shape),
    conv,
  );
  const [a, b] = inputs;
  const { n, groups, c, o } = e;
  if (result === "output") {
    const taps = imageWindows(a, e, conv);
    const patches = reshape(permute(taps, [0, 1, 2, 3, 5, 4, 6]), [
      n,
      groups,
      c * sizeOf(e.kernel),
      sizeOf(e.output),
    ]);
    const weights = reshape(b, [1, groups, o, c * sizeOf(e.kernel)]);
    const product = matmul(expand(weights, [n, ...weights.shape.slice(1)]), patches);
    return reshape(product, shapeOfRole(result, e));
  }
  if (result === "image") {
    const taps = outputWindows(a, e, conv);
    const patches = reshape(permute(taps, [0, 1, 2, 3, 5, 4, 6]), [
      n,
      groups,
      o * sizeOf(e.kernel),
      sizeOf(e.image),
    ]);
    const turned = permute(reshape(b, [groups, o, c, sizeOf(e.kernel)]), [0, 2, 1, 3]);
    const weights = reshape(turned, [1, groups, c, o * sizeOf(e.kernel)]);
    const product = matmul(expand(weights, [n, ...weights.shape.slice(1)]), patches);
    return reshape(product, shapeOfRole(result, e));
  }
  return kernelContraction(a, b, e, conv);
}

/** Few results from long sums: the samples are summed in parts, side by side. */
function kernelContraction(images: Node, outputs: Node, e: Extents, conv: Convolution): Node {
  const { n, groups, c, o } = e;
  const parts = partsOf(n, groups * o * c * sizeOf(e.kernel));
  const each = n / parts;
  const taps = reshape(imageWindows(images, e, conv), [
    parts,
    each,
    groups,
    c,
    e.kernel[0],
    e.output[0],
    e.kernel[1],
    e.output[1],
  ]);
  const right = reshape(permute(taps, [0, 2, 1, 5, 7, 3, 4, 6]), [
    parts,
    groups,
    each * sizeOf(e.output),
    c * sizeOf(e.kernel),
  ]);
  const apart = reshape(outputs, [parts, each, groups, o, sizeOf(e.output)]);
  const left = reshape(permute(apart, [0, 2, 3, 1, 4]), [parts, groups, o, each * sizeOf(e.output)]);
  return reshape(sum(matmul(left, right), [0]), shapeOfRole("kernel", e));
}

/** The greatest number of parts that divides n and leaves their results below a few million. */
function partsOf(n: number, results: number): number {
  for (let parts = n; parts > 1; parts--) if (n % parts === 0 && parts * results <= 2 ** 18) return parts;
  return 1;
}

function slidingOf(conv: Convolution, d: number): Sliding {
  return { stride: conv.stride[d], dilation: conv.dilation[d], padding: conv.padding[d] };
}

/** [n, g, c, kh, oh, kw, ow]. */
function imageWindows(images: Node, e: Extents, conv: Convolution): Node {
  const apart = reshape(images, [e.n, e.groups, e.c, ...e.image]);
  const rows = windows(apart, 3, e.kernel[0], e.output[0], slidingOf(conv, 0));
  return windows(rows, 5, e.kernel[1], e.output[1], slidingOf(conv, 1));
}

/** [n, g, o, kh, h, kw, w]: where each image element meets the outputs, by the kernel's place. */
function outputWindows(outputs: Node, e: Extents, conv: Convolution): Node {
  const [oh, ow] = e.output;
  const apart = reshape(outputs, [e.n, e.groups, e.o, 1, oh, 1, ow]);
  const repeated = expand(apart, [e.n, e.groups, e.o, e.kernel[0], oh, e.kernel[1], ow]);
  const rows = spreadWindows(repeated, 3, e.image[0], slidingOf(conv, 0));
  return spreadWindows(rows, 5, e.image[1], slidingOf(conv, 1));
}
