/** What a tensor looks like on a page. */
import { isFloat, type DType, type TypedArray } from "../util/dtypes";
import { escapeHtml } from "../util/html";
import { formatShape, type Shape } from "../util/shapes";
import { pictureOf } from "./picture";
import { formatElements } from "./print";

export interface Shown {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The device's name. */
  readonly place: string;
}

/** Texts of more lines than these are folded away: beside a picture, and without one. */
const fewLines = { pictured: 12, alone: 60 };

/** HTML in the page's own colours, on light grounds and dark: what it is, its statistics, its elements, a picture. */
export function viewOf(shown: Shown): string {
  const { data, shape, dtype, place } = shown;
  const name = `${dtype} ${formatShape(shape)}`;
  const lines = [
    `<div><b>${name}</b> <span style="opacity:0.75">on ${escapeHtml(place)}</span></div>`,
    data.length > 1 ? `<div style="font-variant-numeric:tabular-nums">${statistics(data, dtype)}</div>` : "",
  ];
  const picture = pictureHtml(shown, name);
  const elements = elementsHtml(
    formatElements(data, shape, dtype),
    fewLines[picture === "" ? "alone" : "pictured"],
  );
  return `<div class="saddle-tensor" style="line-height:1.5">${lines.join("")}${picture}${elements}</div>`;
}

function elementsHtml(text: string, most: number): string {
  const pre = `<pre style="margin:0.25em 0;overflow-x:auto">${text}</pre>`;
  if (text.split("\n").length <= most) return pre;
  return `<details><summary style="cursor:pointer">elements</summary>${pre}</details>`;
}

function pictureHtml({ data, shape, dtype }: Shown, name: string): string {
  const picture = pictureOf(data, shape, dtype);
  if (!picture) return "";
  const source = `data:image/png;base64,${Buffer.from(picture.png).toString("base64")}`;
  const style = `display:block;image-rendering:pixelated;border:1px solid rgba(128,128,128,0.5);max-width:none`;
  return [
    `<figure style="margin:0.25em 0">`,
    `<img alt="${name} as a picture: ${picture.legend}" src="${source}" width="${picture.width}" height="${picture.height}" style="${style}">`,
    `<figcaption style="opacity:0.75;font-size:90%">${picture.legend}</figcaption></figure>`,
  ].join("");
}

/** Of the elements that are numbers; how many are not. */
function statistics(data: TypedArray, dtype: DType): string {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const v of data) {
    if (Number.isNaN(v)) continue;
    min = Math.min(min, v);
    max = Math.max(max, v);
    sum += v;
    count++;
  }
  if (dtype === "bool") return `${sum} of ${count} true`;
  const parts =
    count === 0 ? [] : [`min ${number(min)}`, `mean ${number(sum / count)}`, `max ${number(max)}`];
  const nans = data.length - count;
  if (isFloat(dtype) && nans > 0) parts.push(`<b>${nans} NaN</b>`);
  return parts.join(" · ");
}

function number(v: number): string {
  return String(Number(v.toPrecision(6)))
    .replace("-", "−")
    .replace("Infinity", "∞");
}
