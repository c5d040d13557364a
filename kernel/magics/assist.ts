import type { Completions, Inspection } from "../contract/messages";
import { helpOf } from "./help";
import type { MagicRegistry } from "./registry";

const start = String.raw`(?:^|[;=])\s*%{1,2}`;
const nameBeingWritten = new RegExp(`${start}(\\w*)$`);
const argumentBeingWritten = new RegExp(`${start}(\\w+)\\b(?:.*\\W)?$`);
const optionBeingWritten = new RegExp(`${start}(\\w+)\\b.*\\s--([\\w-]*)$`);

/** Names of magics and of their options, where one is being written. */
export function completeMagic(
  source: string,
  offset: number,
  registry: MagicRegistry,
): Completions | undefined {
  const line = lineUpTo(source, offset);
  const [, name] = nameBeingWritten.exec(line) ?? [];
  if (name !== undefined) return completionsOf(name, offset, registry.all(), "magic");
  const [, magicName, option] = optionBeingWritten.exec(line) ?? [];
  const magic = magicName === undefined ? undefined : registry.find(magicName);
  return magic && completionsOf(option, offset, magic.options, "option");
}

/** The help of the magic whose name the cursor is on. */
export function inspectMagic(
  source: string,
  offset: number,
  registry: MagicRegistry,
): Inspection | undefined {
  const rest = /^\w*/.exec(source.slice(offset))?.[0] ?? "";
  const [, name] = nameBeingWritten.exec(lineUpTo(source, offset) + rest) ?? [];
  return inspectionOf(name, registry);
}

/** The help of the magic behind whose name the cursor is, at no name. */
export function inspectArguments(
  source: string,
  offset: number,
  registry: MagicRegistry,
): Inspection | undefined {
  const [, name] = argumentBeingWritten.exec(lineUpTo(source, offset)) ?? [];
  return inspectionOf(name, registry);
}

function inspectionOf(name: string | undefined, registry: MagicRegistry): Inspection | undefined {
  const magic = name === undefined ? undefined : registry.find(name);
  return magic && { signature: magic.usage, documentation: helpOf(magic) };
}

function lineUpTo(source: string, offset: number): string {
  return source.slice(source.lastIndexOf("\n", offset - 1) + 1, offset);
}

function completionsOf(
  written: string,
  end: number,
  candidates: readonly { readonly name: string }[],
  kind: string,
): Completions {
  const matching = candidates.filter(({ name }) => name.startsWith(written));
  const entries = matching.map(({ name: text }) => ({ text, kind }));
  return { start: end - written.length, end, entries };
}
