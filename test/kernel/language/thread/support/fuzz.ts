import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Converter } from "tslab/dist/converter";
import { Compiler } from "../../../../../kernel/language/thread/compile/compiler";
import { openConverter } from "../../../../../kernel/language/thread/tslab/typescript";
import { createMagics } from "../../../../../kernel/magics";

const notebooks = join(__dirname, "..", "..", "..", "..", "..", "..", "notebooks");

/** A compiler of cells, and what has made it crash: it tries again, so that nobody else notices. */
export function watchedCompiler(): { compiler: Compiler; crashes: string[] } {
  const crashes: string[] = [];
  const watched = <A extends unknown[], T>(work: (declarations: string, code: string, ...rest: A) => T) =>
    function (declarations: string, code: string, ...rest: A): T {
      try {
        return work(declarations, code, ...rest);
      } catch (error) {
        crashes.push(`${code}\n${String((error as Error).stack)}`);
        throw error;
      }
    };
  const compiler = new Compiler((): Converter => {
    const converter = openConverter();
    return {
      ...converter,
      convert: watched((before, code) => converter.convert(before, code)),
      inspect: watched((before, code, place: number) => converter.inspect(before, code, place)),
      complete: watched((before, code, place: number) => converter.complete(before, code, place)),
    };
  });
  return { compiler, crashes };
}

/** The code of every cell of the notebooks, its magics expanded. */
export function notebookCells(): string[] {
  const magics = createMagics();
  return readdirSync(notebooks)
    .filter((file) => file.endsWith(".ipynb"))
    .flatMap((file) => {
      const { cells } = JSON.parse(readFileSync(join(notebooks, file), "utf8")) as {
        cells: { cell_type: string; source: string | string[] }[];
      };
      return cells.filter((cell) => cell.cell_type === "code");
    })
    .map(({ source }) => magics.expandUnfinished([source].flat().join("")).code);
}

/** Where the tokens of `code` end, which is where somebody who types it may have come to. */
export function tokenEnds(code: string): number[] {
  const ends: number[] = [];
  const visit = (node: ts.Node): void => {
    if (node.getChildCount() === 0) ends.push(node.end);
    node.getChildren().forEach(visit);
  };
  visit(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ESNext, true));
  return [...new Set(ends)];
}

/** What is wrong with how an unfinished cell is taken: a crash, or something said of a place that it has not. */
export function wrongWith(code: string, { compiler, crashes }: ReturnType<typeof watchedCompiler>): string[] {
  const before = crashes.length;
  const wrong: string[] = [];
  try {
    const { diagnostics = [] } = compiler.compile("fuzzed", { source: code, code }, "expression");
    const outside = diagnostics.filter(({ start, end }) => start < 0 || start > end || end > code.length);
    const ours = diagnostics.filter(({ message }) =>
      /\bexported (variable|function|class|interface|anonymous|type)|tsLastExpr|__tslab/i.test(message),
    );
    wrong.push(...[...outside, ...ours].map((found) => JSON.stringify(found)));
    compiler.complete(code, code.length);
    compiler.inspect(code, code.length);
  } catch (error) {
    wrong.push(String((error as Error).stack));
  }
  wrong.push(...crashes.slice(before));
  return wrong.map((what) => `${code}\n--- ${what}`);
}
