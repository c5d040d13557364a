import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter } from "tslab/dist/converter";
import type { Inspection } from "../../../contract/messages";

type Parts = readonly { readonly text: string }[] | undefined;

export function inspectionOf(
  converter: Converter,
  declarations: string,
  code: string,
  offset: number,
): Inspection | undefined {
  const info = quickInfo(converter, declarations, code, offset);
  if (info === undefined || isUnknown(info)) return undefined;
  const documentation = [textOf(info.documentation), ...(info.tags ?? []).map(tagLine)];
  return {
    signature: textOf(info.displayParts),
    documentation: documentation.filter((part) => part !== "").join("\n\n"),
  };
}

/** The cursor stands as often behind a name as before or in it. */
function quickInfo(
  converter: Converter,
  declarations: string,
  code: string,
  offset: number,
): TypeScript.QuickInfo | undefined {
  const at = (position: number) =>
    converter.inspect(declarations, code, position) as TypeScript.QuickInfo | undefined;
  return at(offset) ?? (offset > 0 ? at(offset - 1) : undefined);
}

/** What has no symbol is of the type `any`, without a word about what it is. */
function isUnknown({ kind, displayParts }: TypeScript.QuickInfo): boolean {
  return (kind as string) === "" && textOf(displayParts) === "any";
}

function tagLine({ name, text }: TypeScript.JSDocTagInfo): string {
  return `*@${name}* ${textOf(text)}`.trim();
}

function textOf(parts: Parts): string {
  return (parts ?? []).map(({ text }) => text).join("");
}
