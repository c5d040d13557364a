import { titleOf } from "../headless/page";
import { textOf } from "../headless/notebook";
import type { Notebook, Output } from "../headless/notebook";

export interface Picture {
  readonly bytes: Buffer;
  /** Of the file's name. */
  readonly suffix: string;
  /** What it shows, in words. */
  readonly label: string;
}

const suffixes: Readonly<Record<string, string>> = { "image/png": "png", "image/jpeg": "jpg" };

/** What an index says of a notebook. */
export interface Chapter {
  /** The file's, without its suffix. */
  readonly name: string;
  readonly title: string;
  /** One sentence, in Markdown. */
  readonly description: string;
  readonly picture: Picture | undefined;
}

/** `stored`: the notebook as it is kept, with pictures where an executed one has figures to draw. */
export function chapterOf(name: string, stored: Notebook): Chapter {
  return {
    name,
    title: titleOf(stored) ?? name,
    description: descriptionOf(stored),
    picture: pictureOf(stored),
  };
}

/** The notebook's own in its metadata, or else the first sentence of its prose. */
function descriptionOf({ metadata, cells }: Notebook): string {
  if (typeof metadata["description"] === "string") return metadata["description"];
  const prose = cells.filter((cell) => cell.cell_type === "markdown").map((cell) => textOf(cell.source));
  const paragraphs = prose.join("\n\n").split(/\n{2,}/);
  const first = paragraphs.find((paragraph) => /^[^#*|$<>-]/.test(paragraph)) ?? "";
  return /^[^]*?[.:?!](?=\s|$)/.exec(first)?.[0].replace(/:$/, ".") ?? first;
}

/** The first picture of the cell that is tagged for it, or of the notebook. */
function pictureOf({ cells }: Notebook): Picture | undefined {
  const tagged = cells.filter((cell) => cell.metadata.tags?.includes("thumbnail"));
  const outputs = [...tagged, ...cells].flatMap((cell) => cell.outputs ?? []);
  return outputs.map(pictureIn).find((picture) => picture !== undefined);
}

function pictureIn(output: Output): Picture | undefined {
  if (!("data" in output)) return undefined;
  const { data } = output;
  const type = Object.keys(suffixes).find((candidate) => candidate in data);
  if (type === undefined) return undefined;
  const [label] = textOf((data["text/plain"] as string | undefined) ?? "").split("\n");
  return { bytes: Buffer.from(textOf(data[type] as string), "base64"), suffix: suffixes[type], label };
}
