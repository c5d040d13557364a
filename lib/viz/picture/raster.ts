import { encode } from "fast-png";
import type { Rgb } from "./colour";
import { element, type Frame } from "./svg";

/** Pixels as an element of SVG, stretched over a frame; where there is no colour it is clear. */
export function raster(
  { height, width }: { readonly height: number; readonly width: number },
  pixel: (row: number, column: number) => Rgb | undefined,
  frame: Frame,
): string {
  const data = new Uint8Array(4 * height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const colour = pixel(row, column);
      if (colour === undefined) continue;
      const at = 4 * (row * width + column);
      [data[at], data[at + 1], data[at + 2]] = colour;
      data[at + 3] = 255;
    }
  }
  const png = encode({ height, width, channels: 4, data }, { zlib: { level: 6 } });
  return image(`data:image/png;base64,${Buffer.from(png).toString("base64")}`, frame);
}

/** A picture file stretched over a frame. */
export function image(href: string, { left: x, top: y, width, height }: Frame): string {
  const style = "image-rendering: pixelated";
  return element("image", { href, x, y, width, height, preserveAspectRatio: "none", style });
}
