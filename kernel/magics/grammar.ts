import jsTokens from "js-tokens";
import { closest } from "fastest-levenshtein";
import { MagicError } from "../contract/messages";
import type { Given, Magic, Option, Source } from "./magic";
import type { MagicRegistry } from "./registry";

interface Token {
  readonly type: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A place in a cell where a magic is written. */
export interface Site {
  readonly kind: "line" | "cell";
  /** A statement of its own, rather than the right side of an assignment. */
  readonly isStatement: boolean;
  readonly name: Source;
  readonly start: number;
  readonly end: number;
  /** What stands behind the name, and at which depth of brackets. */
  readonly tokens: readonly (Token & { readonly depth: number })[];
}

const openers = new Set(["(", "[", "{"]);
const closers = new Set([")", "]", "}"]);

/** Where the magics of a cell are: not in its strings and comments. */
export function* findSites(source: string): Generator<Site, void> {
  const tokens = tokenize(source);
  let end = 0;
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index].start < end) continue;
    const site = siteAt(tokens, index);
    if (site === undefined) continue;
    yield site;
    end = site.end;
  }
}

/** The magic that is written at a site, with what it is given. Throws a `MagicError`. */
export function readSite(site: Site, registry: MagicRegistry): { magic: Magic; given: Given } {
  const magic = at(site, () => registry.named(site.name.text));
  if (!magic.kinds.includes(site.kind)) {
    return refuse(site, `%${magic.name} is used so: ${magic.usage}`);
  }
  const start = endOfFirstOptions(site, magic);
  const nextOption = site.tokens.findIndex((_, index) => index >= start && isOption(site, index));
  const end = nextOption === -1 ? site.tokens.length : nextOption;
  const expressions = argumentsOf(site.tokens.slice(start, end));
  const expected = site.kind === "cell" ? [0] : argumentCounts[magic.arguments];
  if (!expected.includes(expressions.length)) refuse(site, `%${magic.name} is used so: ${magic.usage}`);
  const words = [...wordsOf(site.tokens.slice(0, start)), ...wordsOf(site.tokens.slice(end))];
  return { magic, given: { expressions, options: readOptions(magic, words) } };
}

/** What stands between or before the options, parted at `@` and at the keyword `with`, which is in no expression. */
export function argumentsOf(tokens: Site["tokens"]): Source[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (separators.has(token.value) && token.depth === 0) parts.push([]);
    else parts[parts.length - 1].push(token);
  }
  return parts.map(trimmed).filter((part) => part.text !== "");
}

/** What is given for an option, whether the rest of the magic is right or not. */
export function optionOf(site: Site, name: string): Source | undefined {
  const words = wordsOf(site.tokens);
  return words[words.findIndex(({ text }) => text === `--${name}`) + 1 || words.length];
}

/** The names that are given separated by commas. */
export function namesOf(given: Source | undefined): Source[] {
  if (given === undefined) return [];
  return [...given.text.matchAll(/[^,\s]+/g)].map(({ index, 0: text }) => ({
    start: given.start + index,
    text,
  }));
}

const separators = new Set(["@", "with"]);

const argumentCounts = {
  none: [0],
  text: [0, 1],
  expression: [1],
  "function at point": [2],
  "function at point or matrix": [1, 2],
  "expression with expression": [1, 2],
};

function tokenize(source: string): Token[] {
  let end = 0;
  return Array.from(jsTokens(source), ({ type, value }) => {
    const start = end;
    end += value.length;
    return { type, value, start, end };
  });
}

function siteAt(tokens: readonly Token[], index: number): Site | undefined {
  if (tokens[index].value !== "%") return undefined;
  const isDouble = tokens[index + 1]?.value === "%";
  const name = tokens[isDouble ? index + 2 : index + 1];
  if (name?.type !== "IdentifierName") return undefined;
  const before = tokens.slice(0, index).filter(({ type }) => type !== "WhiteSpace");
  const previous = before.at(-1);
  const isStatement =
    previous === undefined || previous.type === "LineTerminatorSequence" || previous.value === ";";
  if (!isStatement && previous.value !== "=") return undefined;
  const isFirst = before.every(({ type }) => type === "LineTerminatorSequence");
  const start = tokens[index].start;
  const behind = behindName(tokens, tokens.indexOf(name) + 1);
  const end = behind.at(-1)?.end ?? name.end;
  const kind = isDouble ? "cell" : "line";
  const site: Site = {
    kind,
    isStatement,
    name: { start: name.start, text: name.value },
    start,
    end,
    tokens: behind,
  };
  return isDouble && !isFirst
    ? refuse(site, `%%${name.value} takes a whole cell, so it stands on its first line`)
    : site;
}

/** To the end of the line, or of the lines, if brackets are open. */
function behindName(tokens: readonly Token[], from: number): Site["tokens"] {
  const behind: (Token & { depth: number })[] = [];
  let depth = 0;
  for (const token of tokens.slice(from)) {
    const { type, value } = token;
    const ends = type === "LineTerminatorSequence" || type === "SingleLineComment" || value === ";";
    if (depth === 0 && ends) break;
    if (closers.has(value) || type === "TemplateTail") depth--;
    behind.push({ ...token, depth });
    if (openers.has(value) || type === "TemplateHead") depth++;
  }
  while (behind.at(-1)?.type === "WhiteSpace") behind.pop();
  return behind;
}

function isOption({ tokens }: Site, index: number): boolean {
  const [before, dashes, name] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  const isApart = before === undefined || before.type === "WhiteSpace";
  return isApart && dashes.value === "--" && dashes.depth === 0 && name?.type === "IdentifierName";
}

/** How many tokens the options take that stand before everything else. */
function endOfFirstOptions(site: Site, magic: Magic): number {
  const words = wordsOf(site.tokens);
  let count = 0;
  while (/^--[\w$]/.test(words[count]?.text ?? "")) {
    const option = optionNamed(magic, words[count]);
    if (option === undefined) return refuseAt(words[count], unknownOption(magic, words[count].text));
    count += option.type === "flag" ? 1 : 2;
  }
  const next = words[count]?.start ?? Infinity;
  return count === 0 ? 0 : site.tokens.filter(({ start }) => start < next).length;
}

function optionNamed(magic: Magic, { text }: Source): Option | undefined {
  return magic.options.find(({ name }) => `--${name}` === text);
}

function readOptions(magic: Magic, words: readonly Source[]): Map<string, Source> {
  const options = new Map<string, Source>();
  for (let index = 0; index < words.length; index++) {
    const written = words[index];
    const option = optionNamed(magic, written);
    if (option === undefined) return refuseAt(written, unknownOption(magic, written.text));
    const value = option.type === "flag" ? written : words[++index];
    if (value === undefined) return refuseAt(written, `${written.text} of %${magic.name} takes a value`);
    options.set(option.name, value);
  }
  return options;
}

function unknownOption(magic: Magic, written: string): string {
  if (magic.options.length === 0) return `%${magic.name} has no options`;
  const names = magic.options.map(({ name }) => `--${name}`);
  return `%${magic.name} has no option ${written}. Did you mean ${closest(written, names)}?`;
}

/** A part of a magic, parted at the white space that is in no brackets. */
function wordsOf(tokens: Site["tokens"]): Source[] {
  const words: Token[][] = [[]];
  for (const token of tokens) {
    if (token.type === "WhiteSpace" && token.depth === 0) words.push([]);
    else words[words.length - 1].push(token);
  }
  return words.map(trimmed).filter((word) => word.text !== "");
}

function trimmed(tokens: readonly Token[]): Source {
  const text = tokens.map(({ value }) => value).join("");
  return { start: (tokens[0]?.start ?? 0) + text.length - text.trimStart().length, text: text.trim() };
}

function at<T>(site: Site, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(site, (error as Error).message);
  }
}

function refuse({ start, name }: Site, message: string): never {
  throw new MagicError(message, start, name.start + name.text.length);
}

function refuseAt({ start, text }: Source, message: string): never {
  throw new MagicError(message, start, start + text.length);
}
