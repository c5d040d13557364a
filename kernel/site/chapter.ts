import { titleOf } from "../headless/page";
import { textOf } from "../headless/notebook";
import type { Notebook, Output } from "../headless/notebook";

export interface Picture {
  readonly png: Buffer;
  /** What it shows, in words. */
  readonly label: string;
}

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
  if (!("data" in output) || output.data["image/png"] === undefined) return undefined;
  const text = textOf((output.data["text/plain"] as string | undefined) ?? "");
  return {
    png: Buffer.from(textOf(output.data["image/png"] as string), "base64"),
    label: text.split("\n")[0],
  };
}
