import {
  LEAST_UPPER_BOUND,
  TraceMap,
  generatedPositionFor,
  originalPositionFor,
} from "@jridgewell/trace-mapping";
import type { SourceMapInput } from "@jridgewell/trace-mapping";
import type { SourceMapJson } from "./messages";

/** Line and column, from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const mostLinesWithout = 50;

/** The way between the JavaScript of a cell, or of a module, and its text. */
export class CellMap {
  private readonly json: readonly SourceMapJson[];
  private readonly prefixLines: number;
  private parsed: readonly TraceMap[] | undefined;

  /** The compiler puts `prefixLines` before the text; before a cell, one. */
  constructor(maps: readonly SourceMapJson[], prefixLines = 1) {
    this.json = maps;
    this.prefixLines = prefixLines;
  }

  /** The place in the cell of a place in its JavaScript. */
  toCell(generated: Position): Position {
    let place = generated;
    for (const map of this.maps()) {
      const { line, column } = originalPositionFor(map, { line: place.line + 1, column: place.column });
      if (line === null) break;
      place = { line: line - 1, column };
    }
    return { line: Math.max(0, place.line - this.prefixLines), column: place.column };
  }

  /** Where the JavaScript of a line of the cell begins, or of the next that has any. */
  toJavaScript(cellLine: number): Position | undefined {
    for (let line = cellLine; line < cellLine + mostLinesWithout; line++) {
      const place = this.startOf(line);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  private startOf(cellLine: number): Position | undefined {
    let place: Position = { line: cellLine + this.prefixLines, column: 0 };
    for (const map of this.maps().toReversed()) {
      const source = map.sources[0] ?? "";
      const needle = { source, line: place.line + 1, column: place.column, bias: LEAST_UPPER_BOUND } as const;
      const { line, column } = generatedPositionFor(map, needle);
      if (line === null) return undefined;
      place = { line: line - 1, column };
    }
    return place;
  }

  private maps(): readonly TraceMap[] {
    return (this.parsed ??= this.json.map((map) => new TraceMap(map as SourceMapInput)));
  }
}
