import type { Completions, Inspection } from "../messages";
import { helpOf } from "./help";
import { magics } from "./registry";

const start = String.raw`(?:^|[;=])\s*%{1,2}`;
const nameBeingWritten = new RegExp(`${start}(\\w*)$`);
const optionBeingWritten = new RegExp(`${start}(\\w+)\\b.*\\s--([\\w-]*)$`);

/** Names of magics and of their options, where one is being written. */
export function completeMagic(source: string, offset: number): Completions | undefined {
  const line = lineUpTo(source, offset);
  const [, name] = nameBeingWritten.exec(line) ?? [];
  if (name !== undefined)
    return completionsOf(
      name,
      offset,
      magics.map((magic) => magic.name),
      "magic",
    );
  const [, magicName, option] = optionBeingWritten.exec(line) ?? [];
  const magic = magics.find((candidate) => candidate.name === magicName);
  if (magic === undefined) return undefined;
  return completionsOf(
    option,
    offset,
    magic.options.map((candidate) => candidate.name),
    "option",
  );
}

/** The help of the magic whose name the cursor is on. */
export function inspectMagic(source: string, offset: number): Inspection | undefined {
  const rest = /^\w*/.exec(source.slice(offset))?.[0] ?? "";
  const [, name] = nameBeingWritten.exec(lineUpTo(source, offset) + rest) ?? [];
  const magic = magics.find((candidate) => candidate.name === name);
  return magic === undefined ? undefined : { signature: magic.usage, documentation: helpOf(magic) };
}

function lineUpTo(source: string, offset: number): string {
  return source.slice(source.lastIndexOf("\n", offset - 1) + 1, offset);
}

function completionsOf(written: string, end: number, names: readonly string[], kind: string): Completions {
  const entries = names.filter((name) => name.startsWith(written)).map((text) => ({ text, kind }));
  return { start: end - written.length, end, entries };
}
