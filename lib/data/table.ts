import { gunzipSync } from "node:zlib";
import { describe, refuse } from "../util/errors";
import { fromAsset } from "./assets";

/** Numbers in rows of one length, row-major. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** The text of a gzip-compressed file that comes with the library. Throws a SaddleError if it is missing or damaged. */
export function readAsset(name: string): string {
  return fromAsset(name, (bytes) => gunzipSync(bytes).toString("utf8"));
}

/** The numbers of a CSV text, `columns` a line. Refuses other lines, naming the first by `source` and its number. */
export function parseTable(source: string, text: string, columns: number): Table {
  const lines = text.split("\n").map((line) => line.trim());
  while (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) refuse(source, "the file is empty");
  const values = lines.flatMap((line, index) => parseLine(`${source}, line ${index + 1}`, line, columns));
  return { rows: lines.length, columns, values: Float64Array.from(values) };
}

function parseLine(where: string, line: string, columns: number): number[] {
  const cells = line.split(",");
  if (cells.length !== columns) refuse(where, `${columns} numbers are wanted, there are ${cells.length}`);
  return cells.map((cell) => {
    const value = Number(cell);
    return cell.trim() !== "" && Number.isFinite(value)
      ? value
      : refuse(where, `${describe(cell)} is no number`);
  });
}
