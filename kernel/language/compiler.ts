import type { Diagnostic as TslabDiagnostic, ConvertResult, Converter } from "tslab/dist/converter";
import type { Compilation, Completions, Diagnostic, Inspection } from "../messages";
import { annotateUnnameable } from "./annotate";
import { prepareCell } from "./cell";
import { completionsOf } from "./completion";
import { inspectionOf } from "./inspection";
import { latestEmission, missedModule, noticeChanges, openConverter, withTypeErrors } from "./typescript";

/** Compiles the cells of one notebook, each knowing the declarations of those before it. */
export class Compiler {
  private converter: Converter | undefined;
  private declarations = "";

  compile(name: string, code: string, kind: "cell" | "expression" = "cell"): Compilation {
    const { text, assignable, checked } = prepareCell(code);
    const converter = this.currentConverter();
    const convert = (given: string) =>
      withTypeErrors(checked, () => converter.convert(this.declarations, given));
    let converted = convert(text);
    const annotated = annotateUnnameable(text, converted.diagnostics);
    if (annotated !== text) converted = convert(annotated);
    if (converted.diagnostics.length > 0) return { diagnostics: joined(converted.diagnostics) };
    if (kind === "cell") this.declarations = converted.declOutput ?? "";
    return { cell: { name, assignable, ...emitted(converted), ...latestEmission() } };
  }

  complete(code: string, offset: number): Completions {
    return completionsOf(this.currentConverter(), this.declarations, code, offset);
  }

  inspect(code: string, offset: number): Inspection | undefined {
    return inspectionOf(this.currentConverter(), this.declarations, code, offset);
  }

  forget(): void {
    this.declarations = "";
  }

  /** A converter does not look again for a module it has missed, so that a fresh one must. */
  private currentConverter(): Converter {
    if (missedModule()) {
      this.converter?.close();
      this.converter = undefined;
    }
    this.converter ??= openConverter();
    noticeChanges();
    return this.converter;
  }
}

function emitted({ output, sideOutputs = [], lastExpressionVar }: ConvertResult) {
  const localModules = sideOutputs.map(({ path, data }) => ({ path, code: data }));
  return { code: output ?? "", localModules, resultName: lastExpressionVar };
}

/** tslab gives the parts of one message a diagnostic each. */
function joined(diagnostics: readonly TslabDiagnostic[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { start, end, messageText, fileName } of diagnostics) {
    const latest = found.at(-1);
    if (latest?.start === start.offset && latest.end === end.offset) {
      found[found.length - 1] = { ...latest, message: `${latest.message}\n  ${messageText}` };
      continue;
    }
    const file =
      fileName === undefined ? undefined : { name: fileName, line: start.line, column: start.character };
    found.push({ message: messageText, start: start.offset, end: end.offset, file });
  }
  return found;
}
