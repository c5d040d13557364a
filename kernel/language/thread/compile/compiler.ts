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
import { annotated, annotationsOf, withoutAnnotations } from "./annotate";
import { prepareCell } from "./cellSource";
import { Completer } from "../assist/completion";
import { notReplaced, separateGlobals, withGlobals } from "./globalBlocks";
import type { GlobalBlock } from "./globalBlocks";
import { diagnosticWithout, literalInParentheses, mapWithout } from "../emit/literal";
import type { Parenthesized } from "../emit/literal";
import { inspectionOf } from "../assist/tooltip";
import { declaredBy, placeOfAssignment, usesOf } from "../ranks/portableCell";
import { PortableCells } from "../ranks/portableNotebook";
import { RankDeclarations } from "../ranks/rankDeclarations";
import { typesOf } from "../ranks/selectDeclarations";
import { withoutLibraryAdvice } from "../tslab/libraries";
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
  private readonly open: () => Converter;

  constructor(open: () => Converter = openConverter) {
    this.open = open;
  }

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
    this.refresh();
    const declarations = this.declarationsIn(scope);
    return this.withConverter((converter) => this.completer.complete(converter, declarations, code, offset));
  }

  inspect(code: string, offset: number, scope: Scope = "notebook"): Inspection | undefined {
    this.refresh();
    const declarations = this.declarationsIn(scope);
    return this.withConverter((converter) => inspectionOf(converter, declarations, code, offset));
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
    this.refresh();
    const { latest } = this;
    // What has been converted a moment ago is the same.
    if (latest?.code === code && latest.before === before) {
      return { ...latest.converted, cell: { ...latest.converted.cell, name, source } };
    }
    const literal = literalInParentheses(ts, code);
    const parenthesized = this.convertAnew({ name, source }, literal?.text ?? code, before);
    const converted = literal === undefined ? parenthesized : withoutParentheses(literal, parenthesized);
    if (converted.cell === undefined) return converted;
    this.latest = { code, before, converted };
    return converted;
  }

  private convertAnew(
    written: Pick<CompiledCell, "name" | "source">,
    code: string,
    before: string,
  ): Converted {
    const { text, checked, refused } = prepareCell(code);
    if (refused.length > 0) return { diagnostics: refused };
    const { blocks: globals } = separateGlobals(text);
    const known = withGlobals(before, notReplaced(this.globals, globals));
    const convert = (given: string) =>
      this.withConverter((converter) => withTypeErrors(checked, () => converter.convert(known, given)));
    let converted = convert(text);
    const annotations = annotationsOf(text, converted.diagnostics);
    if (annotations.length > 0) converted = convert(annotated(text, annotations));
    if (converted.diagnostics.length > 0) {
      const placed = joined(converted.diagnostics).map((one) => withoutAnnotations(one, annotations));
      return { diagnostics: placed.map((one) => within(one, code.length)) };
    }
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
    const convert = (converter: Converter) => withTypeErrors(false, () => converter.convert(outer, inner));
    return this.withConverter(convert).declOutput ?? outer;
  }

  /** A converter that has failed may be left halfway, so that another takes its place, and tries once more. */
  private withConverter<T>(work: (converter: Converter) => T): T {
    try {
      return work(this.opened());
    } catch {
      this.closeConverter();
    }
    try {
      return work(this.opened());
    } catch (error) {
      this.closeConverter();
      throw error;
    }
  }

  private closeConverter(): void {
    this.converter?.close();
    this.converter = undefined;
    this.forgetAnswers();
  }

  /** Takes note of what has changed on the disk: once for each cell and each question. */
  private refresh(): void {
    // A converter does not look again for a module it has missed, nor at `tsconfig.json`, so that a fresh one must.
    if (missedModule() || projectChanged()) this.closeConverter();
    else if (noticeChanges()) this.forgetAnswers();
  }

  private opened(): Converter {
    return (this.converter ??= this.open());
  }

  /** What was converted or completed a moment ago may come out otherwise by now. */
  private forgetAnswers(): void {
    this.latest = undefined;
    this.completer.forget();
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

/** What is wrong with a cell is so at a place of it: what tslab adds to it is none. */
function within(diagnostic: Diagnostic, length: number): Diagnostic {
  const [start, end] = [diagnostic.start, diagnostic.end].map((place) =>
    Math.min(Math.max(place, 0), length),
  );
  return { ...diagnostic, start, end };
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
    found.push({ message: withoutLibraryAdvice(messageText), start: start.offset, end: end.offset });
  }
  return found;
}
