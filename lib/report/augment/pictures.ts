/** Images on the host, and as PNG in the page. */
import { encodePng, pixelsOf, type Planes } from "../../data/codec";
import type { Tensor } from "../../tensor";

export type { Planes } from "../../data/codec";

/** The values of an image [C, H, W]. */
export async function planesOf(image: Tensor): Promise<Planes> {
  return { shape: image.shape as Planes["shape"], data: Float32Array.from(await image.data()) };
}

export interface Picture {
  /** A data URL. */
  readonly src: string;
  readonly height: number;
  readonly width: number;
}

/** The image as PNG, shrunk by whole factors until no side is longer than `limit` pixels. */
export function pictureOf(planes: Planes, limit: number): Picture {
  const [, height, width] = planes.shape;
  const shrunk = shrink(planes, Math.ceil(Math.max(height, width) / limit));
  const png = encodePng(pixelsOf(shrunk.shape, shrunk.data));
  return { src: `data:image/png;base64,${Buffer.from(png).toString("base64")}`, height, width };
}

/** Means over squares of `factor` pixels; what is left at the right and lower edge is dropped. */
function shrink({ shape, data }: Planes, factor: number): Planes {
  if (factor <= 1) return { shape, data };
  const [channels, height, width] = shape;
  const small = [channels, Math.floor(height / factor), Math.floor(width / factor)] as const;
  const out = new Float32Array(small[0] * small[1] * small[2]);
  const at = (c: number, y: number, x: number): number => data[(c * height + y) * width + x];
  for (let i = 0; i < out.length; i++) {
    const [c, y, x] = [
      Math.floor(i / (small[1] * small[2])),
      Math.floor(i / small[2]) % small[1],
      i % small[2],
    ];
    let sum = 0;
    for (let dy = 0; dy < factor; dy++) {
      for (let dx = 0; dx < factor; dx++) sum += at(c, y * factor + dy, x * factor + dx);
    }
    out[i] = sum / factor ** 2;
  }
  return { shape: small, data: out };
}

export interface Difference {
  /** |a − b| averaged over channels, brighter where more, scaled so that `highest` is white. */
  readonly map: Planes;
  readonly mean: number;
  readonly highest: number;
}

/** Where two images of one shape differ, and by how much. */
export function differenceOf(a: Planes, b: Planes): Difference {
  const [channels, height, width] = a.shape;
  const size = height * width;
  const map = new Float32Array(size);
  for (let i = 0; i < a.data.length; i++) map[i % size] += Math.abs(a.data[i] - b.data[i]) / channels;
  const greatest = map.reduce((x, y) => Math.max(x, y), 0);
  // What is below half a step of a byte is rounding.
  const highest = greatest < 0.5 / 255 ? 0 : greatest;
  const mean = map.reduce((x, y) => x + y, 0) / size;
  const scaled = map.map((value) => (highest === 0 ? 0 : value / highest));
  return { map: { shape: [1, height, width], data: scaled }, mean, highest };
}
