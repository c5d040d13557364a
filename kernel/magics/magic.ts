import type { MagicOption } from "../contract/globals";

/**
 * A magic: one record, from which its expansion, its completion, its help and its page in the reference
 * all come.
 */
export interface Magic {
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  readonly usage: string;
  /** What stands before the options. */
  readonly arguments: Arguments;
  readonly options: readonly Option[];
  /** A cell that runs as it stands. */
  readonly example?: string;
  /** `line`: a statement or the right side of an assignment; `cell`: the first line of a cell. */
  readonly kinds: readonly ("line" | "cell")[];
  /** Whether the rest of its cell is given to it as text, and is no TypeScript. */
  readonly takesText?: boolean;
  /** The TypeScript it stands for; for a cell's magic, what its first line stands for. */
  expand(given: Given): Expansion;
  /** Of a cell's magic: what stands behind the cell, if it opens what is to be closed. */
  close?(given: Given): Expansion;
  /** Of a magic whose cell runs on ranks, and not here: the option that names the variables it brings back. */
  readonly pullOption?: string;
}

/** One that Saddle brings along. */
export type StandardMagic = Magic & { readonly example: string };

/**
 * `none`; `text`: a word; `expression`: TypeScript; `function at point`: `f @ x`, each TypeScript; `function at point or
 * matrix`: that, or one expression; `expression with expression`: the second, behind `with`, may be missing.
 */
export type Arguments =
  | "none"
  | "text"
  | "expression"
  | "function at point"
  | "function at point or matrix"
  | "expression with expression";

export type Option = MagicOption;

/** A piece of the cell's source that is TypeScript. */
export interface Source {
  readonly start: number;
  readonly text: string;
}

export interface Given {
  /** The expressions: of `f @ x` two, else one or none. */
  readonly expressions: readonly Source[];
  readonly options: ReadonlyMap<string, Source>;
  /** The rest of the cell, if the magic takes it. */
  readonly text?: string;
}

/** TypeScript text, with pieces of the source in it that keep their places. */
export type Expansion = readonly (string | Source)[];

/** A tagged template for expansions. */
export function typescript(
  texts: TemplateStringsArray,
  ...parts: readonly (string | Source | Expansion)[]
): Expansion {
  return texts.flatMap((text, index) => {
    const part = index < parts.length ? parts[index] : [];
    return [text, ...(Array.isArray(part) ? (part as Expansion) : [part as string | Source])];
  });
}

/** Saddle's public functions, in a cell that may not have imported them. */
export const library = `(require("saddle") as typeof import("saddle"))`;

/**
 * An object literal of the options that are given, in camelCase, or under the names that the function behind
 * the magic has for them.
 */
export function optionsObject(
  given: Given,
  names: Readonly<Record<string, string>>,
  magic: readonly Option[],
): Expansion {
  const fields = magic.flatMap((option): (string | Source)[] => {
    const value = given.options.get(option.name);
    return value === undefined
      ? []
      : [`${names[option.name] ?? camelCase(option.name)}: `, ...optionValue(option, value), ", "];
  });
  return ["{ ", ...fields, "}"];
}

function camelCase(name: string): string {
  return name.replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function optionValue({ type }: Option, value: Source): Expansion {
  if (type === "flag") return ["true"];
  if (type === "expression") return [value];
  return [JSON.stringify(type === "word" ? value.text : value.text.split(","))];
}
