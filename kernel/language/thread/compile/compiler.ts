import type { Diagnostic as TslabDiagnostic, Converter } from "tslab/dist/converter";
import type {
  CellText,
  Compilation,
  CompiledCell,
  Completions,
  Diagnostic,
  Inspection,
  Scope,
  RanksCompilation,
} from "../../../contract/messages";
import { annotateUnnameable } from "./annotate";
import { prepareCell } from "./cell";
import { Completer } from "../assist/completion";
import { notReplaced, separateGlobals, withGlobals } from "./globalBlocks";
import type { GlobalBlock } from "./globalBlocks";
import { diagnosticWithout, literalInParentheses, mapWithout } from "../emit/literal";
import type { Parenthesized } from "../emit/literal";
import { inspectionOf } from "../assist/tooltip";
import { declaredBy, placeOfAssignment, usesOf } from "../ranks/portableCell";
import { PortableCells } from "../ranks/portableCells";
import { RankDeclarations } from "../ranks/rankDeclarations";
import { typesOf } from "../ranks/selectDeclarations";
import {
  diagnosticsOfModules,
  latestEmission,
  missedModule,
  noticeChanges,
  openConverter,
  projectChanged,
  ts,
  withTypeErrors,
} from "../tslab/typescript";
import type { EmittedModule } from "../tslab/typescript";

interface ConvertedCell {
  readonly cell: CompiledCell;
  readonly declarations: string;
  readonly module: EmittedModule;
  readonly globals: readonly GlobalBlock[];
}

type Converted = ConvertedCell | { readonly cell?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** A cell that has been converted, and what it was converted from. */
interface Remembered {
  readonly code: string;
  readonly before: string;
  readonly converted: ConvertedCell;
}

/** What tslab puts before a cell. */
const linesBefore = 1;

/** Compiles the cells of one notebook, each knowing the declarations of those before it. */
export class Compiler {
  private converter: Converter | undefined;
  private declarations = "";
  /** What cells declare globally, which tslab does not keep. */
  private globals: readonly GlobalBlock[] = [];
  private latest: Remembered | undefined;
  private readonly completer = new Completer();
  private readonly portable = new PortableCells();
  private readonly ranks = new RankDeclarations((outer, inner) => this.shadowed(outer, inner));

  compile(name: string, text: CellText, kind: "cell" | "expression" = "cell"): Compilation {
    const converted = this.convert(name, text, this.declarations);
    if (converted.cell === undefined) return converted;
    const { cell, declarations, module, globals } = converted;
    if (kind === "expression") return { cell };
    this.declarations = declarations;
    this.globals = [...notReplaced(this.globals, globals), ...globals];
    this.portable.remember(cell, module);
    return { cell };
  }

  compileForRanks(name: string, text: CellText, pull: readonly string[]): RanksCompilation {
    const converted = this.convert(name, text, this.ranks.over(this.declarations));
    if (converted.cell === undefined) return converted;
    const { code } = text;
    const { module } = converted;
    const { uses, assigned } = usesOf(module);
    const isNotebooks = (variable: string) => !this.ranks.names.has(variable);
    const lost = [...assigned].filter((variable) => isNotebooks(variable) && !pull.includes(variable));
    if (lost.length > 0) return { diagnostics: lost.map((variable) => lostAssignment(code, variable)) };
    this.ranks.add(converted.declarations, declaredBy(module), typesOf(code));
    this.declarations = this.shadowed(this.declarations, this.ranks.pulled(pull));
    this.portable.forget(pull);
    const used = [...uses].filter(isNotebooks);
    return { ranks: { cell: converted.cell, uses: used, statements: this.portable.closure(used), pull } };
  }

  complete(code: string, offset: number, scope: Scope = "notebook"): Completions {
    return this.completer.complete(this.currentConverter(), this.declarationsIn(scope), code, offset);
  }

  inspect(code: string, offset: number, scope: Scope = "notebook"): Inspection | undefined {
    return inspectionOf(this.currentConverter(), this.declarationsIn(scope), code, offset);
  }

  forget(scope: Scope = "notebook"): void {
    this.ranks.clear();
    if (scope === "ranks") return;
    this.declarations = "";
    this.globals = [];
    this.portable.clear();
  }

  private declarationsIn(scope: Scope): string {
    const declarations = scope === "notebook" ? this.declarations : this.ranks.over(this.declarations);
    return withGlobals(declarations, this.globals);
  }

  private convert(name: string, { source, code }: CellText, before: string): Converted {
    const converter = this.currentConverter();
    const { latest } = this;
    // What has been converted a moment ago is the same.
    if (latest?.code === code && latest.before === before) {
      return { ...latest.converted, cell: { ...latest.converted.cell, name, source } };
    }
    const literal = literalInParentheses(ts, code);
    const parenthesized = this.convertAnew(converter, { name, source }, literal?.text ?? code, before);
    const converted = literal === undefined ? parenthesized : withoutParentheses(literal, parenthesized);
    if (converted.cell === undefined) return converted;
    this.latest = { code, before, converted };
    return converted;
  }

  private convertAnew(
    converter: Converter,
    written: Pick<CompiledCell, "name" | "source">,
    code: string,
    before: string,
  ): Converted {
    const { text, checked, refused } = prepareCell(code);
    if (refused.length > 0) return { diagnostics: refused };
    const { blocks: globals } = separateGlobals(text);
    const known = withGlobals(before, notReplaced(this.globals, globals));
    const convert = (given: string) =>
      this.orReopen(() => withTypeErrors(checked, () => converter.convert(known, given)));
    let converted = convert(text);
    const annotated = annotateUnnameable(text, converted.diagnostics);
    if (annotated !== text) converted = convert(annotated);
    if (converted.diagnostics.length > 0) return { diagnostics: joined(converted.diagnostics) };
    const inModules = diagnosticsOfModules();
    if (inModules.length > 0) return { diagnostics: inModules };
    const { module, ...emission } = latestEmission();
    const cell = { ...written, code: converted.output ?? "", ...emission };
    const { rest: declarations } = separateGlobals(converted.declOutput ?? "");
    return { cell, declarations, module, globals };
  }

  /** The declarations of both, where those of `inner` hide those of `outer` that have their names. */
  private shadowed(outer: string, inner: string): string {
    if (inner === "") return outer;
    return withTypeErrors(false, () => this.currentConverter().convert(outer, inner)).declOutput ?? outer;
  }

  /** A converter that has failed may be left halfway, so that another takes its place. */
  private orReopen<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.converter?.close();
      this.converter = undefined;
      throw error;
    }
  }

  /** A converter does not look again for a module it has missed, nor at `tsconfig.json`, so that a fresh one must. */
  private currentConverter(): Converter {
    if (missedModule() || projectChanged()) {
      this.converter?.close();
      this.converter = undefined;
    }
    const isFresh = this.converter === undefined;
    this.converter ??= openConverter();
    if (noticeChanges() || isFresh) {
      this.latest = undefined;
      this.completer.forget();
    }
    return this.converter;
  }
}

function lostAssignment(code: string, variable: string): Diagnostic {
  const message =
    `'${variable}' is a variable of the notebook, and what a rank assigns to it is not seen there. ` +
    `Bring it back with --pull ${variable}, or declare a variable of the ranks.`;
  return { message, ...placeOfAssignment(code, variable) };
}

function withoutParentheses(literal: Parenthesized, converted: Converted): Converted {
  if (converted.cell === undefined) {
    return { diagnostics: converted.diagnostics.map((found) => diagnosticWithout(literal, found)) };
  }
  const { cell } = converted;
  const [last, ...others] = cell.maps.toReversed();
  const maps = [...others.toReversed(), mapWithout(literal, last, linesBefore)];
  return { ...converted, cell: { ...cell, maps } };
}

/** tslab gives the parts of one message a diagnostic each. */
function joined(diagnostics: readonly TslabDiagnostic[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { start, end, messageText } of diagnostics) {
    const latest = found.at(-1);
    if (latest?.start === start.offset && latest.end === end.offset) {
      found[found.length - 1] = { ...latest, message: `${latest.message}\n  ${messageText}` };
      continue;
    }
    found.push({ message: messageText, start: start.offset, end: end.offset });
  }
  return found;
}
