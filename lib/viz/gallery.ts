import { encode } from "fast-png";
import { checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { notesOn, placed } from "./gaps";
import { commonLayout, figureOptionNames, type FigureOptions, type PlotlyJson } from "./theme";
import { blocksOf } from "./thin";
import { checkMatrix, drawable, finiteExtent, type Matrix } from "./values";

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

export interface GalleryNumbers {
  /** `[n][channels][height][width]`. */
  readonly images: readonly (readonly (readonly (readonly number[])[])[])[];
}

/**
 * Pictures side by side: grey ones `[n][height][width]`, or coloured ones `[n][3][height][width]` with
 * red, green and blue in 0..1. Grey is scaled from the darkest to the brightest value of them all. Pixels that are NaN or
 * infinite leave holes, and a note says how many. More pictures than a screen has pixels for are drawn smaller; their
 * numbers are in the figure's `numbers`.
 */
export function gallery(
  images: ArrayLike<Matrix> | ArrayLike<ArrayLike<Matrix>>,
  options: GalleryOptions = {},
): Figure<GalleryNumbers> {
  checkOptions("gallery", options, [...figureOptionNames, "columns", "captions"]);
  const given = readPictures(images);
  const { pictures, notes } = shrunken(given, options.columns);
  const [height, width] = [pictures[0]?.[0].length ?? 0, pictures[0]?.[0][0]?.length ?? 0];
  const count = pictures.length;
  const columns = checkWhole("gallery", "columns", options.columns ?? columnsFor(count), 1);
  const captions = options.captions ?? [];
  if (captions.length > 0 && captions.length !== count) {
    refuse("gallery", `captions has ${captions.length} entries, there are ${count} pictures`);
  }

  const rows = Math.ceil(count / columns);
  const gap = Math.max(1, Math.round(height / (captions.length > 0 ? 3 : 8)));
  const cell = { height: height + gap, width: width + Math.max(1, Math.round(width / 8)) };
  const frame = [(rows - 1) * cell.height + height, (columns - 1) * cell.width + width] as const;
  const mosaic = { columns, ...cell, frame };
  const [first] = given;
  const size = first === undefined ? "" : ` of ${first[0].length} × ${first[0][0]?.length ?? 0}`;
  const text = `${count} pictures${size}${captions.length > 0 ? `: ${captions.join(" ")}` : ""}`;
  const isPicture = height > 0 && width > 0;
  const trace = pictures[0]?.length === 3 ? colourTrace(pictures, mosaic) : greyTrace(pictures, mosaic);
  const top = captions.length > 0 ? 90 : 60; // of the title and the first row's captions
  const layout = { ...mosaicLayout(options, mosaic, top), annotations: captionsOf(captions, mosaic) };
  return new Figure(isPicture ? [trace] : [], layout, `${options.title ?? "Gallery"}\n${text}`, {
    numbers: { images: given },
    notes: [...notesOn(given.flat(3), "pixel"), ...notes],
  });
}

/** As many as make the whole about twice as wide as high. */
function columnsFor(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(2 * count)));
}

/** Of a mosaic: what a screen shows, and a page bears. */
const mostPixels = { wide: 2400, inAll: 1_500_000 };

/** Pictures of which a mosaic fits a screen, each pixel the mean of a square of `factor`². */
function shrunken(
  pictures: readonly number[][][][],
  columns = columnsFor(pictures.length),
): { readonly pictures: readonly number[][][][]; readonly notes: readonly string[] } {
  const [height, width] = [pictures[0]?.[0].length ?? 0, pictures[0]?.[0][0]?.length ?? 0];
  const area = pictures.length * height * width;
  const wanted = Math.max((columns * width) / mostPixels.wide, Math.sqrt(area / mostPixels.inAll));
  const factor = Math.min(Math.ceil(wanted), Math.max(1, Math.min(height, width)));
  if (factor <= 1) return { pictures, notes: [] };
  const small = pictures.map((picture) => picture.map((channel) => meansOf(channel, factor)));
  return {
    pictures: small,
    notes: [`drawn at 1/${factor} of their size; all pixels in figure.numbers`],
  };
}

function meansOf(rows: readonly number[][], factor: number): number[][] {
  const [down, across] = [rows, rows[0]].map((axis) =>
    blocksOf(axis.length, Math.ceil(axis.length / factor)),
  );
  return down.map(([top, bottom]) =>
    across.map(([left, right]) => {
      const square = rows.slice(top, bottom).flatMap((row) => row.slice(left, right));
      return square.reduce((mean, value) => mean + value / square.length, 0);
    }),
  );
}

/** Pictures as [channel][row][column], all of one shape, with one or three channels. */
function readPictures(images: ArrayLike<unknown>): number[][][][] {
  if (typeof images !== "object" || images === null || !("length" in images)) {
    refuse("gallery", `images must be a list of pictures, got ${describe(images)}`);
  }
  const pictures = Array.from(images, (image, index) => {
    const name = `images[${index}]`;
    const coloured = typeof (image as ArrayLike<ArrayLike<unknown>> | undefined)?.[0]?.[0] === "object";
    if (!coloured) return [checkMatrix("gallery", name, image)];
    return Array.from(image as ArrayLike<Matrix>, (c, i) => checkMatrix("gallery", `${name}[${i}]`, c));
  });
  const shapes = pictures.map((picture) =>
    [picture.length, picture[0].length, picture[0][0]?.length ?? 0].join(" × "),
  );
  const other = shapes.findIndex((shape) => shape !== shapes[0]);
  if (other !== -1) refuse("gallery", `images[${other}] is ${shapes[other]}, images[0] is ${shapes[0]}`);
  const channels = pictures[0]?.length ?? 1;
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

/** Numbers of few pixels, which can be read off; a picture of many. */
function greyTrace(pictures: readonly number[][][][], mosaic: Mosaic): PlotlyJson {
  const [least, greatest] = finiteExtent(pictures.flat(3)) ?? [0, 0];
  // Pictures of one grey lie in the middle of the scale.
  const reach = greatest / 2 - least / 2 < drawable.least ? Math.max(Math.abs(least) / 2, 1) : 0;
  const [zmin, zmax] = [least - reach, greatest + reach];
  if (mosaic.frame[0] * mosaic.frame[1] > mostRead) {
    const part = (value: number): number => (zmax / 2 - value / 2) / (zmax / 2 - zmin / 2); // dark is much
    return colourTrace(
      pictures.map(([grey]) => new Array<number[][]>(3).fill(grey.map((row) => row.map(part)))),
      mosaic,
    );
  }
  const z = tile(pictures, mosaic, ([grey], row, column) => placed(grey[row][column]));
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

const mostRead = 90_000; // pixels

/** A picture file, of which a page takes a tenth of what lists of numbers take. */
function colourTrace(pictures: readonly number[][][][], mosaic: Mosaic): PlotlyJson {
  const [height, width] = mosaic.frame;
  const data = new Uint8Array(4 * height * width); // transparent
  tile(pictures, mosaic, (channels, row, column) => channels.map((c) => c[row][column])).forEach(
    (pixels, y) =>
      pixels.forEach((pixel, x) => {
        if (pixel?.every(Number.isFinite)) data.set([...pixel.map(byteOf), 255], 4 * (y * width + x));
      }),
  );
  const png = encode({ height, width, channels: 4, data });
  return { type: "image", source: `data:image/png;base64,${Buffer.from(png).toString("base64")}` };
}

function byteOf(part: number): number {
  return Math.round(255 * Math.min(Math.max(part, 0), 1));
}

function mosaicLayout(options: FigureOptions, { frame }: Mosaic, top: number): PlotlyJson {
  const hidden = { visible: false, constrain: "domain" };
  const fitting = Math.round(Math.min(900, top + 20 + (900 * Math.max(frame[0], 0)) / Math.max(frame[1], 1)));
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
