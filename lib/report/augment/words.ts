/** Draws in words: the numbers of each image, by the names of their parameters. */
import { randAugmentOperations, type Params } from "../../augment";
import { Tensor, type NestedArray } from "../../tensor";
import { sixDigits } from "../../viz/values";

/** A draw as plain values: of nested parameters, or arrays with an entry an image. */
export interface DrawNumbers {
  readonly [name: string]: NestedArray | DrawNumbers;
}

export async function numbersOf(params: Params): Promise<DrawNumbers> {
  const entries = Object.entries(params).map(
    async ([name, value]) =>
      [name, value instanceof Tensor ? await value.array() : await numbersOf(value)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The parameters of one transform in words. */
export interface Line {
  /** The transform's name in its composition, or nothing where there is one alone. */
  readonly name: string;
  readonly text: string;
}

/** A line for each transform of the draw of image `i`. */
export function linesOf(draw: DrawNumbers, i: number, path = ""): Line[] {
  const own = Object.entries(draw).flatMap(([name, value]) =>
    isNumbers(value) && isPerImage(name) ? [`${name} ${wordOf(name, value, i)}`] : [],
  );
  const line = own.length === 0 ? [] : [{ name: path, text: own.join(", ") }];
  const inner = Object.entries(draw).flatMap(([name, value]) =>
    isNumbers(value) ? [] : linesOf(value, i, name),
  );
  return [...line, ...inner];
}

/** All lines as one text. */
export function textOfLines(lines: readonly Line[]): string {
  return lines.map(({ name, text }) => (name === "" ? text : `${name}: ${text}`)).join("; ");
}

function isNumbers(value: NestedArray | DrawNumbers): value is NestedArray {
  return typeof value !== "object" || Array.isArray(value);
}

/** Keys of noise are no numbers to look at: the seed stands for them. */
function isPerImage(name: string): boolean {
  return !name.endsWith("Key");
}

function wordOf(name: string, value: NestedArray, i: number): string {
  const own = Array.isArray(value) ? value[i] : value;
  if (name === "operation" && typeof own === "number") return randAugmentOperations[own] ?? String(own);
  return textOf(own);
}

function textOf(value: NestedArray): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  return typeof value === "number" ? sixDigits(value).replace("-", "−") : String(value);
}
