import type { Completeness } from "../../../contract/messages";
import { literalInParentheses } from "../emit/literal";
import { parseCell } from "../tslab/parse";
import { ts } from "../tslab/typescript";

const unterminatedString = 1002;
const unterminatedOverLines = new Set([1010, 1160]); // comment, template
const indentation = "  ";

/** Whether a front end may send the code off when its user presses Enter. */
export function completenessOf(code: string): Completeness {
  const { parseDiagnostics } = parseCell(code);
  const end = code.trimEnd().length;
  const wantsMore = parseDiagnostics.some(
    ({ start, code: kind }) =>
      unterminatedOverLines.has(kind) || (start >= end && kind !== unterminatedString),
  );
  if (wantsMore) return { status: "incomplete", indent: nextIndent(code) };
  const isValid = parseDiagnostics.length === 0 || literalInParentheses(ts, code) !== undefined;
  return { status: isValid ? "complete" : "invalid" };
}

function nextIndent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const current = /^\s*/.exec(line)?.[0] ?? "";
  return /[{([]$/.test(line) ? current + indentation : current;
}
