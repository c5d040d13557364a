/** What image files are decoded to, and how large it may be. */

/** 2^26, as of 8192 × 8192: what a file says of its size is checked against it before anything is allocated. */
export const mostPixels = 2 ** 26;

export interface Decoded {
  readonly width: number;
  readonly height: number;
  /** Interleaved in `data`. */
  readonly channels: number;
  /** The value of white. */
  readonly white: number;
  readonly data: ArrayLike<number>;
}

/** An image that is whole, perhaps, but larger than what is read. */
export class TooLarge extends Error {}

/** Throws for sizes that no image has, or that are too large. */
export function checkSize(width: number, height: number): void {
  if (width === 0 || height === 0) throw new Error(`it has ${width} × ${height} pixels`);
  if (width * height > mostPixels) {
    throw new TooLarge(`it has ${width} × ${height} pixels, at most ${mostPixels} are read`);
  }
}
