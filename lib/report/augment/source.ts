/** Where a variant was taken from, found by sending the pixels' own coordinates through the transform. */
import type { Params, Transform } from "../../augment";
import { ArgumentError } from "../../util/errors";
import { arange, ones, stack, withDevice, type Tensor } from "../../tensor";
import type { Shape } from "../../util/shapes";
import type { Point } from "./html";

/** Planes [N, 3, H, W]: each pixel's x and y, and 1 wherever there is a pixel. */
function coordinatePlanes(images: Tensor): Tensor {
  const [n, , height, width] = images.shape;
  return withDevice(images.device, () => {
    const plane = (x: Tensor): Tensor => x.add(0.5).broadcastTo([height, width]);
    const rows = arange(height).reshape([height, 1]);
    const planes = [plane(arange(width)), plane(rows), ones([height, width])];
    return stack(planes).broadcastTo([n, 3, height, width]);
  });
}

/**
 * For each of `images` [N, C, H, W] the corners, in the original, of what the draw shows of it; undefined where that is
 * the whole image, where too little of it is left to tell, and where the transform moves nothing or mixes images.
 */
export async function sourcesOf(
  transform: Transform,
  params: Params,
  images: Tensor,
): Promise<(readonly Point[] | undefined)[]> {
  const moved = moveCoordinates(transform, params, images);
  if (moved === undefined) return new Array<undefined>(images.shape[0]).fill(undefined);
  const [n, , height, width] = moved.shape;
  const data = await moved.data();
  const size = height * width;
  return Array.from({ length: n }, (_, i) => {
    const [x, y, valid] = [0, 1, 2].map((plane) =>
      data.subarray((3 * i + plane) * size, (3 * i + plane + 1) * size),
    );
    const map = fitAffine(x, y, valid, width);
    if (map === undefined) return undefined;
    const corners = [[0, 0], [width, 0], [width, height], [0, height]].map(([u, v]) => map(u, v)); // prettier-ignore
    return isWhole(corners, images.shape) ? undefined : corners;
  });
}

function moveCoordinates(transform: Transform, params: Params, images: Tensor): Tensor | undefined {
  try {
    return transform.masks?.(params, coordinatePlanes(images));
  } catch (error) {
    if (error instanceof ArgumentError) return undefined; // as mixup refuses masks
    throw error;
  }
}

type AffineMap = (u: number, v: number) => Point;

/** The least-squares affine map from pixels of the variant to coordinates in the original. */
function fitAffine(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  valid: ArrayLike<number>,
  width: number,
): AffineMap | undefined {
  const sums = { n: 0, u: 0, v: 0, uu: 0, uv: 0, vv: 0 };
  const [ofX, ofY] = [x, y].map((values) => ({ values, s: 0, u: 0, v: 0 }));
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] < 0.5) continue;
    const [u, v] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    sums.n++;
    sums.u += u;
    sums.v += v;
    sums.uu += u * u;
    sums.uv += u * v;
    sums.vv += v * v;
    for (const target of [ofX, ofY]) {
      target.s += target.values[i];
      target.u += target.values[i] * u;
      target.v += target.values[i] * v;
    }
  }
  const [uu, uv, vv] = [
    sums.uu - (sums.u * sums.u) / sums.n,
    sums.uv - (sums.u * sums.v) / sums.n,
    sums.vv - (sums.v * sums.v) / sums.n,
  ];
  const determinant = uu * vv - uv * uv;
  if (sums.n < 9 || Math.abs(determinant) < 1e-6) return undefined;
  const [forX, forY] = [ofX, ofY].map((target) => {
    const [tu, tv] = [target.u - (target.s * sums.u) / sums.n, target.v - (target.s * sums.v) / sums.n];
    const [a, b] = [(tu * vv - tv * uv) / determinant, (tv * uu - tu * uv) / determinant];
    return { a, b, c: (target.s - a * sums.u - b * sums.v) / sums.n };
  });
  return (u, v) => [forX.a * u + forX.b * v + forX.c, forY.a * u + forY.b * v + forY.c];
}

/** Whether the corners are nearly the image's own, in whatever order. */
function isWhole(corners: readonly Point[], [, , height, width]: Shape): boolean {
  const slack = Math.min(1, Math.max(height, width) / 50); // pixels
  const near = (value: number, target: number): boolean => Math.abs(value - target) < slack;
  const atCorner = ([x, y]: Point): boolean =>
    (near(x, 0) || near(x, width)) && (near(y, 0) || near(y, height));
  return corners.every(atCorner);
}
