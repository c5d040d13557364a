import { parse } from "csv-parse/sync";
import { tensor, type Tensor } from "../tensor";
import { checkOptions, refuse } from "../util/errors";
import { openFile, type FileSource } from "./files";

export interface CsvOptions {
  /** Whether the first row names the columns; true unless given. Without, they are named 0, 1, 2, … */
  readonly header?: boolean;
  /** "," unless given. */
  readonly delimiter?: string;
}

export interface Csv {
  readonly names: readonly string[];
  /** Each column by its name: a float tensor where all cells are numbers (an empty one is NaN), else the texts. */
  readonly columns: Readonly<Record<string, Tensor | readonly string[]>>;
  /** The columns of numbers side by side: [rows, columns]. */
  readonly values: Tensor;
}

/** A CSV file (a path, or its bytes; RFC 4180, also gzip-compressed). Refuses rows of different lengths, naming the line. */
export async function readCsv(source: FileSource, options: CsvOptions = {}): Promise<Csv> {
  checkOptions("readCsv", options, ["header", "delimiter"]);
  const { header = true, delimiter = "," } = options;
  const { name, bytes } = await openFile("readCsv", source);
  const rows = parseRows(name, Buffer.from(bytes), delimiter);
  const names = header ? rows.shift()! : rows[0].map((_, i) => String(i));
  if (rows.length === 0) refuse("readCsv", `${name} has no rows of data`);
  const cells = names.map((_, c) => rows.map((row) => row[c].trim()));
  const columns = cells.map(numericColumn);
  const numeric = columns.filter((column) => column instanceof Float64Array);
  const table = Float64Array.from({ length: rows.length * numeric.length }, (_, i) => {
    return numeric[i % numeric.length][Math.floor(i / numeric.length)];
  });
  return {
    names,
    columns: Object.fromEntries(
      columns.map((c, i) => [names[i], c instanceof Float64Array ? tensor(c) : cells[i]]),
    ),
    values: tensor(table, { shape: [rows.length, numeric.length] }),
  };
}

function parseRows(name: string, bytes: Buffer, delimiter: string): string[][] {
  try {
    const rows = parse(bytes, { delimiter, skip_empty_lines: true, bom: true });
    return rows.length > 0 ? rows : refuse("readCsv", `${name} is empty`);
  } catch (error) {
    return refuse("readCsv", `${name} cannot be read: ${(error as Error).message}`);
  }
}

/** The numbers of a column, or undefined where a cell is none. */
function numericColumn(cells: readonly string[]): Float64Array | undefined {
  const values = Float64Array.from(cells, (cell) => (cell === "" ? NaN : Number(cell)));
  const isText = cells.some(
    (cell, i) => Number.isNaN(values[i]) && cell !== "" && cell.toLowerCase() !== "nan",
  );
  return isText || cells.every((cell) => cell === "") ? undefined : values;
}
