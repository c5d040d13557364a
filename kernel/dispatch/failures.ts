import type { Diagnostic, ExpandedCell, Failure, MagicError } from "../contract/messages";
import { lineAndColumn, toSource } from "./positions";

const linesAround = 1;

/** What the compiler has against a cell, as a failure with the cell's own lines. */
export function failureOfDiagnostics(
  name: string,
  cell: ExpandedCell,
  diagnostics: readonly Diagnostic[],
): Failure {
  const traceback = diagnostics.flatMap(({ message, start, end, file }) => {
    if (file !== undefined) {
      const { line, column, length, source } = file;
      return complaint(file.name, source, message, { line, column }, length);
    }
    const [from, to] = [toSource(cell, start), toSource(cell, end)];
    return complaintAt(name, cell.source, message, from, to);
  });
  return { name: "CompileError", message: diagnostics.map(({ message }) => message).join("\n"), traceback };
}

export function failureOfMagic(name: string, source: string, { message, start, end }: MagicError): Failure {
  return { name: "MagicError", message, traceback: complaintAt(name, source, message, start, end) };
}

/** The compiler itself has failed, which no cell should make it do. */
export function failureOfCompiler({ message, stack = "" }: Error): Failure {
  const [headline] = message.split("\n");
  return {
    name: "CompilerFailure",
    message: `the compiler failed: ${headline}`,
    traceback: stack.split("\n"),
  };
}

/** The traceback of a failure at run time, with the line of the cell in which it happened. */
export function tracebackWithFrame({ position, traceback }: Failure): string[] {
  if (position === undefined) return [...traceback];
  const { line, column, source } = position;
  const frame = codeFrame(source, line, column, 1);
  return [traceback[0], "", frame, "", ...traceback.slice(1)];
}

function complaintAt(name: string, source: string, message: string, start: number, end: number): string[] {
  const length = Math.min(end, source.length) - start;
  return complaint(name, source, message, lineAndColumn(source, start), length);
}

function complaint(
  name: string,
  source: string,
  message: string,
  { line, column }: { readonly line: number; readonly column: number },
  length: number,
): string[] {
  const width = Math.max(1, length);
  return [`${name}:${line + 1}:${column + 1} - ${message}`, "", codeFrame(source, line, column, width), ""];
}

/** The line and its neighbours, numbered, with a mark below what is meant. */
function codeFrame(source: string, line: number, column: number, width: number): string {
  const lines = source.split("\n");
  const [first, last] = [Math.max(0, line - linesAround), Math.min(lines.length - 1, line + linesAround)];
  const digits = String(last + 1).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const label = String(number + 1).padStart(digits);
    shown.push(`${number === line ? ">" : " "} ${label} | ${lines[number]}`.trimEnd());
    if (number !== line) continue;
    const mark = "^".repeat(Math.max(1, Math.min(width, lines[line].length - column)));
    shown.push(`  ${" ".repeat(digits)} | ${" ".repeat(column)}${mark}`);
  }
  return shown.join("\n");
}
