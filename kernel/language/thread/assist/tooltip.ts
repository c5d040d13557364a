import type * as TypeScript from "typescript";
import type { Converter } from "tslab/dist/converter";
import type { Inspection } from "../../../contract/messages";
import type { Found } from "../tslab/fork";

type Parts = readonly { readonly text: string }[] | undefined;

/** What is at `offset`: a name, or the call whose arguments are being written there. */
export function inspectionOf(
  converter: Converter,
  declarations: string,
  code: string,
  offset: number,
): Inspection | undefined {
  const { name, call, distance = 0 } = converter.inspect(declarations, code, offset) as unknown as Found;
  if (name !== undefined) return inspectionOfName(name);
  return call && { ...inspectionOfCall(call), start: offset - distance };
}

function inspectionOfName({ displayParts, documentation, tags }: TypeScript.QuickInfo): Inspection {
  return {
    signature: textOf(displayParts),
    documentation: paragraphs([textOf(documentation), ...tagLines(tags)]),
  };
}

/** The signature that the arguments fit so far, and which of its parameters the cursor is at. */
function inspectionOfCall({
  items,
  selectedItemIndex,
  argumentIndex,
}: TypeScript.SignatureHelpItems): Inspection {
  const item = items[selectedItemIndex];
  const others = items.length - 1;
  const overloads = others === 0 ? "" : ` (+${others} overload${others === 1 ? "" : "s"})`;
  return {
    signature: signatureOf(item) + overloads,
    documentation: paragraphs([
      argumentAt(item, argumentIndex),
      textOf(item.documentation),
      ...tagLines(item.tags.filter(({ name }) => name !== "param")),
    ]),
  };
}

function signatureOf(item: TypeScript.SignatureHelpItem): string {
  const parameters = item.parameters.map(({ displayParts }) => textOf(displayParts));
  const separator = textOf(item.separatorDisplayParts);
  return textOf(item.prefixDisplayParts) + parameters.join(separator) + textOf(item.suffixDisplayParts);
}

/** Which argument is written at `index`, and for what. */
function argumentAt(
  { parameters, isVariadic, prefixDisplayParts }: TypeScript.SignatureHelpItem,
  index: number,
) {
  const what = textOf(prefixDisplayParts).endsWith("<") ? "Type argument" : "Argument";
  if (parameters.length === 0) return "It takes no arguments.";
  const parameter = parameters.at(isVariadic ? Math.min(index, parameters.length - 1) : index);
  if (parameter === undefined) return `${what} ${index + 1}: it takes no more than ${parameters.length}.`;
  const of = isVariadic ? "" : ` of ${parameters.length}`;
  const which =
    isVariadic && parameter === parameters.at(-1)
      ? `${what}s from ${parameters.length} on`
      : `${what} ${index + 1}${of}`;
  const documentation = textOf(parameter.documentation);
  return `${which}: \`${textOf(parameter.displayParts)}\`${documentation && ` — ${documentation}`}`;
}

function tagLines(tags: readonly TypeScript.JSDocTagInfo[] = []): string[] {
  return tags.map(({ name, text }) => `*@${name}* ${textOf(text)}`.trim());
}

function paragraphs(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}

function textOf(parts: Parts): string {
  return (parts ?? []).map(({ text }) => text).join("");
}
