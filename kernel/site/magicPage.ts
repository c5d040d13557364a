import type { Cell, Notebook, Output } from "../headless/notebook";
import type { Magic } from "../magics/magic";

const takes = { flag: "nothing", expression: "TypeScript", word: "a word", words: "words, with commas" };

/** The page of a magic in the reference, as a notebook of what its record says and its example with what that shows. */
export function magicNotebook(magic: Magic, outputs: readonly Output[]): Notebook {
  const example = magic.example === undefined ? [] : [markdown("## Example"), code(magic.example, outputs)];
  return notebookOf([markdown(reference(magic)), ...example]);
}

/** The examples of magics as one notebook, a cell each. */
export function examplesOf(magics: readonly Magic[]): Notebook {
  return notebookOf(magics.flatMap(({ example }) => (example === undefined ? [] : [code(example, [])])));
}

/** As it is written: `%name`, or `%%name` where it takes a whole cell. */
export function writtenName({ name, kinds }: Magic): string {
  return kinds.includes("line") ? `%${name}` : `%%${name}`;
}

function reference(magic: Magic): string {
  const { summary, usage, options } = magic;
  const parts = [`# ${writtenName(magic)}`, summary, "## Synopsis", `\`\`\`\n${usage}\n\`\`\``];
  if (options.length === 0) return parts.join("\n\n");
  const rows = options.map(
    ({ name, type, help }) => `| \`--${name}\` | ${takes[type]} | ${help.replaceAll("|", "\\|")} |`,
  );
  return [...parts, "## Options", ["| option | takes | |", "|---|---|---|", ...rows].join("\n")].join("\n\n");
}

function markdown(source: string): Cell {
  return { cell_type: "markdown", source, metadata: {} };
}

function code(source: string, outputs: readonly Output[]): Cell {
  return { cell_type: "code", source, metadata: {}, outputs };
}

function notebookOf(cells: readonly Cell[]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}
