import type * as TypeScript from "typescript";
import type { SourceMapJson } from "../../../contract/messages";
import { awaitsIn, guardAwaits } from "../../../language/thread/emit/interruptibleAwaits";
import { throughImported } from "../../../language/thread/emit/imports";
import { typescript } from "./typescript";

/** A module as the body of a function of `exports`, `require`, `module` and so on, like Node's of CommonJS. */
export interface Transpiled {
  readonly code: string;
  readonly map: SourceMapJson;
  /** What it imports by `import … from` and `export … from`, in order. */
  readonly imports: readonly string[];
  /** Whether it awaits something at its top level. */
  readonly awaits: boolean;
}

/** A mistake of the text, and where it is; line and column from 0. */
export class ModuleSyntaxError extends SyntaxError {
  override readonly name = "SyntaxError";
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

export interface TranspileOptions {
  /** What the project's `tsconfig.json` says. */
  readonly project: TypeScript.CompilerOptions;
  /** Whether it is an ES module even if it imports and exports nothing. */
  readonly isModule: boolean;
}

/** Throws a `ModuleSyntaxError`. */
export function transpile(file: string, text: string, { project, isModule }: TranspileOptions): Transpiled {
  const ts = typescript();
  const found = { imports: [] as string[], awaits: false };
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    // By the name of an ES module, the compiler would leave it one.
    fileName: file.replace(/\.[cm]([jt]s)$/, ".$1"),
    reportDiagnostics: true,
    compilerOptions: {
      jsx: ts.JsxEmit.React,
      ...project,
      module: ts.ModuleKind.CommonJS,
      moduleDetection: isModule ? ts.ModuleDetectionKind.Force : ts.ModuleDetectionKind.Auto,
      target: ts.ScriptTarget.ES2022,
      newLine: ts.NewLineKind.LineFeed,
      ...{ allowJs: true, esModuleInterop: true, sourceMap: true, paths: undefined, noEmitOnError: false },
    },
    transformers: {
      before: [noting((source) => (found.awaits = awaitsIn(ts, source))), guardAwaits(ts)],
      after: [throughImported(ts, (specifier) => found.imports.push(specifier))],
    },
  });
  const mistake = diagnostics?.find(
    ({ file: of, category }) => of && category === ts.DiagnosticCategory.Error,
  );
  if (mistake?.file !== undefined) {
    const { line, character } = mistake.file.getLineAndCharacterOfPosition(mistake.start ?? 0);
    throw new ModuleSyntaxError(ts.flattenDiagnosticMessageText(mistake.messageText, "\n"), line, character);
  }
  const code = outputText.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "");
  return { code, map: JSON.parse(sourceMapText ?? "{}") as SourceMapJson, ...found };
}

function noting(
  note: (file: TypeScript.SourceFile) => void,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return () => (file) => {
    note(file);
    return file;
  };
}
