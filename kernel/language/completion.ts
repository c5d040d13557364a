import type { Converter } from "tslab/dist/converter";
import type { CompletionEntry, Completions } from "../messages";

export function completionsOf(
  converter: Converter,
  declarations: string,
  code: string,
  offset: number,
): Completions {
  const { start, end, candidates, original } = converter.complete(declarations, code, offset);
  const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind]));
  const entries = candidates.filter(isForUsers).map((text): CompletionEntry => {
    return { text, kind: kinds.get(text) ?? "" };
  });
  return { start, end, entries };
}

function isForUsers(name: string): boolean {
  return !name.startsWith("__saddle") && !name.startsWith("__tslab");
}
