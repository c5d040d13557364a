/** Pictures with captions in a grid, readable on light and dark pages and without scripts. */
import { escapeHtml } from "../../util/html";
import type { Picture } from "./pictures";
import type { Line } from "./words";

/** A point in pixels from an image's upper left corner. */
export type Point = readonly [x: number, y: number];

export interface Outline {
  readonly points: readonly Point[];
  /** "source": where a variant was taken from; "box": a labelled object. */
  readonly kind: "source" | "box";
}

export interface Tile {
  readonly picture: Picture;
  /** What a reader who does not see it is told. */
  readonly alt: string;
  /** Above the lines of the caption, in bold. */
  readonly head?: string;
  readonly lines?: readonly Line[];
  readonly outlines?: readonly Outline[];
  /** Laid over the picture. */
  readonly overlay?: Picture;
  /** HTML between the picture and its caption. */
  readonly between?: string;
  /** HTML below the caption. */
  readonly below?: string;
}

const style = `<style>
.saddle-augment{font:15px/1.35 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:inherit}
.saddle-augment h4{margin:1.2em 0 .2em;font-size:1.1em}
.saddle-augment p{margin:.2em 0 .5em;max-width:70em}
.saddle-augment ul{display:flex;flex-wrap:wrap;gap:14px;list-style:none;margin:.4em 0;padding:0}
.saddle-augment li{margin:0;padding:0;list-style:none}
.saddle-augment figure{margin:0}
.saddle-augment .frame{position:relative;line-height:0;outline:1px solid rgba(128,128,128,.55)}
.saddle-augment .frame img{width:100%;height:100%;max-width:none;margin:0;object-fit:fill}
.saddle-augment .pixels img{image-rendering:pixelated}
.saddle-augment .frame .over{position:absolute;left:0;top:0;width:100%;height:100%;opacity:.45}
.saddle-augment svg{position:absolute;left:0;top:0;width:100%;height:100%;overflow:hidden}
.saddle-augment figcaption{margin-top:5px;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.saddle-augment figcaption b{display:block}
.saddle-augment figcaption span{display:block}
.saddle-augment figcaption span>i:first-child{display:block;font-style:normal;font-size:.87em;opacity:.72;margin-top:.25em}
.saddle-augment .bar{display:block;position:relative;height:1.35em;line-height:1.35em;margin-top:2px;background:rgba(128,128,128,.22)}
.saddle-augment .bar i{position:absolute;left:0;top:0;bottom:0;background:#56B4E9;opacity:.75}
.saddle-augment .bar em{position:relative;font-style:normal;padding-left:.35em;white-space:nowrap}
.saddle-augment .frame+.frame,.saddle-augment figcaption .frame{margin-top:6px}
.saddle-augment .average{max-width:32em}
</style>`;

/** The sections as one block; styles come with it, so that it shows wherever HTML does. */
export function galleryHtml(sections: readonly string[]): string {
  return `<div class="saddle-augment">${style}\n${sections.join("\n")}\n</div>`;
}

/** Tiles of `width` CSS pixels under a heading. */
export function sectionHtml(
  title: string,
  note: string,
  tiles: readonly Tile[],
  width: number,
  after = "",
): string {
  const items = tiles.map((tile) => `<li style="width:${width}px">${tileHtml(tile, width)}</li>`);
  const text = note === "" ? "" : `<p>${escapeHtml(note)}</p>`;
  return `<section aria-label="${escapeHtml(title)}"><h4>${escapeHtml(title)}</h4>${text}<ul>${items.join("\n")}</ul>${after}</section>`;
}

function tileHtml(tile: Tile, width: number): string {
  const { head, lines = [], between = "", below = "" } = tile;
  const caption = [
    ...(head === undefined ? [] : [`<b>${escapeHtml(head)}</b>`]),
    ...lines.map(({ name, text }) => `<span><i>${escapeHtml(name)}</i> ${escapeHtml(text)}</span>`),
  ].join("");
  return `<figure>${frameHtml(tile, width)}${between}<figcaption>${caption}${below}</figcaption></figure>`;
}

/** A picture of `width` CSS pixels with what lies on it. */
export function frameHtml({ picture, alt, outlines = [], overlay }: Tile, width: number): string {
  const height = Math.round((width * picture.height) / picture.width);
  const over = overlay ? `<img class="over" src="${overlay.src}" alt="">` : "";
  const marks = outlines.length === 0 ? "" : outlinesHtml(picture, outlines);
  const kind = picture.width * 2 <= width ? "frame pixels" : "frame";
  const image = `<img src="${picture.src}" alt="${escapeHtml(alt)}">`;
  return `<div class="${kind}" style="width:${width}px;height:${height}px">${image}${over}${marks}</div>`;
}

/** Lines with a dark edge, to be seen on any picture. */
function outlinesHtml({ width, height }: Picture, outlines: readonly Outline[]): string {
  const colours = { source: "#E69F00", box: "#56B4E9" };
  const shapes = outlines.map(({ points, kind }) => {
    const path = points.map((point) => point.map((v) => v.toFixed(2)).join(",")).join(" ");
    const line = (colour: string, thickness: number): string =>
      `<polygon points="${path}" fill="none" stroke="${colour}" stroke-width="${thickness}" vector-effect="non-scaling-stroke"/>`;
    return line("#000", 4) + line(colours[kind], 2);
  });
  return `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${shapes.join("")}</svg>`;
}

/** A share from 0 to 1 as a bar with its name and number. */
export function barHtml(name: string, share: number): string {
  const percent = `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  return `<span class="bar"><i style="width:${percent}"></i><em>${escapeHtml(name)} ${percent}</em></span>`;
}
