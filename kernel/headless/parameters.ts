import { Script } from "node:vm";
import { refuse } from "../../lib/util/errors";
import type { Declaration } from "./declarations";
import { hasTag, linesOf, textOf } from "./notebook";
import type { Cell, Notebook } from "./notebook";
import { freshId } from "./upgrade";

/** Values for a notebook's parameters, by their names: JSON, NaN or an infinity. */
export type Parameters = ReadonlyMap<string, unknown>;

/** The tags by which papermill knows the cell with the defaults, and the one that takes their place. */
const declaredTag = "parameters";
const injectedTag = "injected-parameters";

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const words: Readonly<Record<string, unknown>> = {
  ...{ true: true, True: true, false: false, False: false, null: null, None: null },
  ...{ NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity },
};

/**
 * Names and values of a command line. `pairs`: as they are written; the later of two of one name counts.
 *
 *     readParameters([["rate", "1e-2"], ["layers", "[64, 10]"], ["name", "mlp"]])
 */
export function readParameters(pairs: readonly (readonly [name: string, text: string])[]): Parameters {
  return new Map(pairs.map(([name, text]) => [checkedName(name), valueOf(name, text)]));
}

function checkedName(name: string): string {
  if (!identifier.test(name) || isReserved(name)) {
    refuse(`-p ${name}`, "wanted the name of a variable and its value behind it, as in -p rate 0.1");
  }
  return name;
}

function isReserved(name: string): boolean {
  try {
    new Script(`"use strict"; async () => { let ${name}; };`);
    return false;
  } catch {
    return true;
  }
}

/** Numbers, booleans, null, and JSON's lists, objects and strings in quotes; all else is a string as it is. */
function valueOf(name: string, text: string): unknown {
  if (Object.hasOwn(words, text)) return words[text];
  if (number.test(text)) return numberOf(name, text);
  if (!/^\s*["[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return refuse(`-p ${name} ${text}`, `begins as JSON and is none (${(error as Error).message})`);
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  const isExact = !/^[+-]?\d+$/.test(text) || Number.isSafeInteger(value);
  if (isExact && Number.isFinite(value)) return value;
  return refuse(`-p ${name} ${text}`, `no number is that exactly; for a string, write '"${text}"'`);
}

/**
 * Gives a notebook its parameters as papermill does: in a cell behind the one tagged `parameters`, or before all others,
 * in place of one that was injected earlier. Returns the names that the notebook does not declare, and those it does.
 */
export function injectParameters(
  notebook: Notebook,
  parameters: Parameters,
  declarationsOf: (code: string) => ReadonlyMap<string, Declaration>,
): { unknown: string[]; declared: string[] } {
  const { cells } = notebook;
  const isCode = ({ cell_type: type }: Cell) => type === "code";
  const declaring = cells.findIndex((cell) => isCode(cell) && hasTag(cell, declaredTag));
  const injected = cells.findIndex((cell) => isCode(cell) && hasTag(cell, injectedTag));
  const declarations =
    declaring === -1 ? new Map<string, never>() : declarationsOf(textOf(cells[declaring].source));
  const source = sourceOf(parameters, declarations);
  notebook.cells =
    injected === -1
      ? cells.toSpliced(declaring + 1, 0, cellOf(freshId(), source))
      : cells.with(injected, { ...cells[injected], source });
  const unknown = [...parameters.keys()].filter((name) => !declarations.has(name));
  return { unknown, declared: [...declarations.keys()] };
}

function cellOf(id: string, source: string[]): Cell {
  const metadata = { tags: [injectedTag] };
  return { cell_type: "code", id, metadata, execution_count: null, source, outputs: [] };
}

/** Each variable is declared as the notebook does, so that its cells mean the same. */
function sourceOf(parameters: Parameters, declarations: ReadonlyMap<string, Declaration>): string[] {
  const lines = [...parameters].map(([name, value]) => {
    const { keyword = "const", type } = declarations.get(name) ?? {};
    return `${keyword} ${name}${type === undefined ? "" : `: ${type}`} = ${literalOf(value)};`;
  });
  return linesOf(["// Parameters", ...lines].join("\n"));
}

function literalOf(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
