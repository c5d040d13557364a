import { encode } from "fast-png";
import { checkWhole } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { Figure } from "./figure";
import { commonLayout, figureOptionNames, type FigureOptions, type PlotlyJson } from "./theme";
import { checkMatrix, extent, rounded, type Matrix } from "./values";

export interface GalleryOptions extends FigureOptions {
  /** Pictures a row; by default as many as make the whole about twice as wide as high. */
  readonly columns?: number;
  /** A caption above each picture. */
  readonly captions?: readonly (string | number)[];
}

interface Mosaic {
  readonly columns: number;
  /** Of a cell: the picture and its margin, which those at the end do without. */
  readonly height: number;
  readonly width: number;
  /** Of the whole, in pixels. */
  readonly frame: readonly [height: number, width: number];
}

/**
 * Pictures side by side: grey ones `[n][height][width]`, or coloured ones `[n][3][height][width]` with
 * red, green and blue in 0..1. Grey is scaled from the darkest to the brightest value of them all.
 */
export function gallery(
  images: ArrayLike<Matrix> | ArrayLike<ArrayLike<Matrix>>,
  options: GalleryOptions = {},
): Figure {
  checkOptions("gallery", options, [...figureOptionNames, "columns", "captions"]);
  const pictures = readPictures(images);
  const [height, width] = [pictures[0][0].length, pictures[0][0][0].length];
  const count = pictures.length;
  const columns = checkWhole("gallery", "columns", options.columns ?? Math.ceil(Math.sqrt(2 * count)), 1);
  const captions = options.captions ?? [];
  if (captions.length > 0 && captions.length !== count) {
    refuse("gallery", `captions has ${captions.length} entries, there are ${count} pictures`);
  }

  const rows = Math.ceil(count / columns);
  const gap = Math.max(1, Math.round(height / (captions.length > 0 ? 3 : 8)));
  const cell = { height: height + gap, width: width + Math.max(1, Math.round(width / 8)) };
  const frame = [(rows - 1) * cell.height + height, (columns - 1) * cell.width + width] as const;
  const mosaic = { columns, ...cell, frame };
  const text = `${count} pictures of ${height} × ${width}${captions.length > 0 ? `: ${captions.join(" ")}` : ""}`;
  const trace = pictures[0].length === 1 ? greyTrace(pictures, mosaic) : colourTrace(pictures, mosaic);
  const top = captions.length > 0 ? 90 : 60; // of the title and the first row's captions
  const layout = { ...mosaicLayout(options, mosaic, top), annotations: captionsOf(captions, mosaic) };
  return new Figure([trace], layout, `${options.title ?? "Gallery"}\n${text}`);
}

/** Pictures as [channel][row][column], all of one shape, with one or three channels. */
function readPictures(images: ArrayLike<unknown>): number[][][][] {
  const pictures = Array.from(images, (image, index) => {
    const name = `images[${index}]`;
    const coloured = typeof (image as ArrayLike<ArrayLike<unknown>> | undefined)?.[0]?.[0] === "object";
    if (!coloured) return [checkMatrix("gallery", name, image)];
    return Array.from(image as ArrayLike<Matrix>, (c, i) => checkMatrix("gallery", `${name}[${i}]`, c));
  });
  if (pictures.length === 0) refuse("gallery", "images is empty");
  const shapes = pictures.map((picture) =>
    [picture.length, picture[0].length, picture[0][0].length].join(" × "),
  );
  const other = shapes.findIndex((shape) => shape !== shapes[0]);
  if (other !== -1) refuse("gallery", `images[${other}] is ${shapes[other]}, images[0] is ${shapes[0]}`);
  const channels = pictures[0].length;
  if (channels !== 1 && channels !== 3)
    refuse("gallery", `images have ${channels} channels, 1 or 3 are wanted`);
  return pictures;
}

/** The mosaic's pixels, `pixel(picture, row, column)` where there is a picture, null between them. */
function tile<T>(
  pictures: readonly number[][][][],
  { columns, height, width, frame }: Mosaic,
  pixel: (picture: number[][][], row: number, column: number) => T,
): (T | null)[][] {
  return Array.from({ length: frame[0] }, (_, y) =>
    Array.from({ length: frame[1] }, (_, x) => {
      const picture = pictures[Math.floor(y / height) * columns + Math.floor(x / width)];
      const [row, column] = [y % height, x % width];
      const inside = row < picture?.[0].length && column < picture[0][0].length;
      return inside ? pixel(picture, row, column) : null;
    }),
  );
}

function greyTrace(pictures: readonly number[][][][], mosaic: Mosaic): PlotlyJson {
  const [zmin, zmax] = extent(pictures.flat(3));
  const z = tile(pictures, mosaic, ([grey], row, column) => rounded(grey[row][column]));
  return {
    type: "heatmap",
    z,
    zmin,
    zmax,
    colorscale: "Greys",
    reversescale: true,
    showscale: false,
    hoverinfo: "z",
  };
}

/** A picture file, of which a page takes a tenth of what lists of numbers take. */
function colourTrace(pictures: readonly number[][][][], mosaic: Mosaic): PlotlyJson {
  const byte = (value: number) => Math.round(255 * Math.min(Math.max(value, 0), 1));
  const opaque = 255;
  const transparent = [0, 0, 0, 0];
  const pixels = tile(pictures, mosaic, (channels, row, column) => [
    ...channels.map((c) => byte(c[row][column])),
    opaque,
  ]).flatMap((row) => row.flatMap((pixel) => pixel ?? transparent));
  const [height, width] = mosaic.frame;
  const png = encode({ height, width, channels: 4, data: Uint8Array.from(pixels) });
  return { type: "image", source: `data:image/png;base64,${Buffer.from(png).toString("base64")}` };
}

function mosaicLayout(options: FigureOptions, { frame }: Mosaic, top: number): PlotlyJson {
  const hidden = { visible: false, constrain: "domain" };
  const fitting = Math.round(Math.min(900, top + 20 + (900 * frame[0]) / frame[1]));
  return {
    ...commonLayout({ ...options, height: options.height ?? fitting }),
    xaxis: hidden,
    yaxis: { ...hidden, autorange: "reversed", scaleanchor: "x" },
    margin: { l: 10, r: 10, t: top, b: 10 },
  };
}

function captionsOf(
  captions: readonly (string | number)[],
  { columns, height, width }: Mosaic,
): PlotlyJson[] {
  return captions.map((caption, index) => ({
    x: (index % columns) * width,
    y: Math.floor(index / columns) * height - 0.5,
    text: String(caption),
    xanchor: "left",
    yanchor: "bottom",
    showarrow: false,
    font: { size: 15 },
  }));
}
