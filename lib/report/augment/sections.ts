/** The gallery's sections, from what was drawn. */
import { sixDigits } from "../../viz/values";
import { barHtml, frameHtml, sectionHtml, type Outline, type Point, type Tile } from "./html";
import { differenceOf, pictureOf, planesOf, type Picture, type Planes } from "./pictures";
import type { Strip } from "./strips";
import type { Box, Shown } from "./variants";
import { linesOf, textOfLines } from "./words";

/** An image as it was given. */
export interface Original {
  readonly name: string;
  readonly planes: Planes;
  readonly mask?: Planes;
  readonly boxes?: readonly Box[];
}

const largest = { variant: 224, small: 128, source: 128 }; // pixels of the stored PNG
const tileWidth = { variant: 205, several: 160, small: 108, source: 110 }; // CSS pixels

/** The original, then its variants; the part of the original that each shows is drawn on a small copy below it. */
export function variantsSection(
  original: Original,
  shown: readonly Shown[],
  options: { readonly classes: readonly string[]; readonly isAlone: boolean; readonly note: string },
): string {
  const small = pictureOf(original.planes, largest.source);
  const tiles = [
    originalTile(original),
    ...shown.map((one) => variantTile(original.name, small, one, options.classes)),
  ];
  const width = options.isAlone ? tileWidth.variant : tileWidth.several;
  return sectionHtml(`${original.name} and ${shown.length} variants`, options.note, tiles, width);
}

function originalTile({ name, planes, mask, boxes = [] }: Original): Tile {
  const [channels, height, width] = planes.shape;
  return {
    picture: pictureOf(planes, largest.variant),
    alt: `${name}, the original`,
    head: "original",
    lines: [{ name: "", text: `${width} × ${height} pixels${channels === 1 ? ", grey" : ""}` }],
    outlines: boxes.flatMap(boxOutline),
    ...(mask && { overlay: pictureOf(mask, largest.variant) }),
  };
}

function variantTile(name: string, small: Picture, one: Shown, classes: readonly string[]): Tile {
  const { variant, index, planes, mask, boxes = [], source, labels } = one;
  const lines = linesOf(variant.draw, index);
  const isMixed = labels?.every((share) => share < 0.9995) ?? false;
  const bars = isMixed
    ? labels!.flatMap((share, k) => (share > 0 ? [barHtml(classes[k] ?? `class ${k}`, share)] : []))
    : [];
  const origin = source === undefined ? "" : sourceHtml(small, source);
  return {
    picture: pictureOf(planes, largest.variant),
    alt: `${name}, variant of seed ${variant.seed}: ${textOfLines(lines)}`,
    head: `seed ${variant.seed}`,
    lines,
    outlines: boxes.flatMap(boxOutline),
    ...(mask && { overlay: pictureOf(mask, largest.variant) }),
    between: origin,
    below: bars.join(""),
  };
}

/** Boxes of no area have left the frame. */
function boxOutline([left, top, right, bottom]: Box): Outline[] {
  if (right <= left || bottom <= top) return [];
  return [{ kind: "box", points: [[left, top], [right, top], [right, bottom], [left, bottom]] }]; // prettier-ignore
}

function sourceHtml(picture: Picture, points: readonly Point[]): string {
  const alt = `The part of the original that it shows: ${points.map((p) => p.map((v) => v.toFixed(1)).join(", ")).join("; ")}`;
  return frameHtml({ picture, alt, outlines: [{ kind: "source", points }] }, tileWidth.source);
}

/** A strip's pictures with the numbers that were drawn, and below each what it changed. */
export async function stripSection({ name, parameter, unit = "", before, pictures }: Strip): Promise<string> {
  const original = await planesOf(before);
  const words = (value: number): string => `${sixDigits(value).replace("-", "−")}${unit}`;
  const tiles = await Promise.all(
    pictures.map(async ({ value, image }): Promise<Tile> => {
      const planes = await planesOf(image);
      const label = `${parameter} ${words(value)}`;
      return { ...pictureTile(planes, label), ...differenceBelow(original, planes, label) };
    }),
  );
  const hasMaps = tiles.some(({ below }) => below !== undefined);
  const note = hasMaps
    ? "Below each, where it differs from the image before; white is the greatest difference."
    : "";
  const ends = [pictures[0], pictures[pictures.length - 1]].map(({ value }) => words(value));
  return sectionHtml(`${name}: ${parameter} from ${ends[0]} to ${ends[1]}`, note, tiles, tileWidth.small);
}

function pictureTile(planes: Planes, label: string): Tile {
  return { picture: pictureOf(planes, largest.small), alt: label, head: label };
}

function differenceBelow(original: Planes, planes: Planes, label: string): Partial<Tile> {
  if (original.shape.join() !== planes.shape.join()) return {};
  const { map, mean, highest } = differenceOf(original, planes);
  const alt = `Where ${label} differs from the original`;
  const frame = frameHtml({ picture: pictureOf(map, largest.small), alt }, tileWidth.small);
  const words = `mean ${sixDigits(round3(mean))}, greatest ${sixDigits(round3(highest))}`;
  return { below: `${frame}<span>${words}</span>` };
}

function round3(value: number): number {
  return Number(value.toFixed(3));
}

export interface CropSheet {
  readonly crops: readonly Planes[];
  /** Of each crop, the classes' probabilities; without a model none. */
  readonly probabilities?: readonly (readonly number[])[];
  /** Their average. */
  readonly average?: readonly number[];
}

/** The crops of test time with each one's probability of the class that wins on average, and the average. */
export function cropsSection(name: string, sheet: CropSheet, classes: readonly string[]): string {
  const { crops, probabilities, average } = sheet;
  const winner = average === undefined ? -1 : average.indexOf(Math.max(...average));
  const tiles = crops.map((planes, i): Tile => {
    const own = probabilities?.[i];
    const below = own === undefined ? "" : barHtml(classes[winner], own[winner]);
    return {
      picture: pictureOf(planes, largest.small),
      alt: `crop ${i + 1} of ${crops.length}`,
      lines: [{ name: "", text: String(i + 1) }],
      below,
    };
  });
  const after = average === undefined ? "" : averageHtml(average, classes);
  const note =
    average === undefined
      ? "Give a model to see what it makes of each."
      : `Each crop's probability of ${classes[winner]}.`;
  return sectionHtml(`The ${crops.length} crops of ${name} at test time`, note, tiles, 96, after);
}

function averageHtml(average: readonly number[], classes: readonly string[]): string {
  const order = [...average.keys()].sort((a, b) => average[b] - average[a]).slice(0, 5);
  const bars = order.map((k) => barHtml(classes[k], average[k])).join("");
  return `<div class="average"><b>Average over the crops</b>${bars}</div>`;
}
