import { parse } from "csv-parse/sync";
import { tensor, type Tensor } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkFieldName } from "../util/names";
import { openFile, type FileSource, type OpenedFile } from "./files";

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

/**
 * A CSV file (a path, or its bytes; RFC 4180, also gzip-compressed). Refuses rows of different lengths, naming the line, two
 * columns of one name, and a compressed file that comes to more than 64 MiB and to 128 times its size, or to more cells
 * than 4 million and 16 a byte. Takes memory for some hundred bytes a cell.
 */
export async function readCsv(source: FileSource, options: CsvOptions = {}): Promise<Csv> {
  checkOptions("readCsv", options, ["header", "delimiter"]);
  const { header = true, delimiter = "," } = options;
  if (typeof delimiter !== "string" || delimiter === "") {
    refuse("readCsv", `delimiter must be a text, got ${describe(delimiter)}`);
  }
  const file = await openFile("readCsv", source);
  const { name } = file;
  checkCells(file, delimiter);
  const rows = parseRows(file, delimiter);
  const names = header ? rows.shift()! : rows[0].map((_, i) => String(i));
  if (rows.length === 0) refuse("readCsv", `${name} has no rows of data`);
  checkNames(name, names);
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

/** A byte may be a cell, and a cell takes a hundred: a file as it is may ask for that, a compressed one for less. */
function checkCells({ name, bytes, stored }: OpenedFile, delimiter: string): void {
  if (bytes.length === stored) return;
  const most = Math.max(2 ** 22, 16 * stored);
  const [separator] = Buffer.from(delimiter);
  let cells = 1;
  for (const byte of bytes) if (byte === separator || byte === 10 || byte === 13) cells++;
  if (cells <= most) return;
  refuse(
    "readCsv",
    `${name} comes to some ${cells} cells, at most ${most} are read of ${stored} compressed bytes; if you trust it, decompress it (gunzip) and read that`,
  );
}

function checkNames(name: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const column of names) {
    checkFieldName("readCsv", name, column);
    if (seen.has(column) && column !== "") {
      refuse("readCsv", `${name} has two columns named ${describe(column)}; rename one`);
    }
    seen.add(column);
  }
}

function parseRows({ name, bytes }: OpenedFile, delimiter: string): string[][] {
  try {
    const rows = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      delimiter,
      skip_empty_lines: true,
      bom: true,
    });
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
