import type * as TypeScript from "typescript";

type Transformers = readonly TypeScript.TransformerFactory<TypeScript.SourceFile>[];

export interface Transpiled {
  readonly code: string;
  /** The source map, as JSON. */
  readonly map: string;
}

const fileName = "cell.cjs";
const filesOfOneProgram = 200;

/**
 * What `ts.transpileModule` does, with one program for many modules: to make one, and its checker, costs more than all
 * the rest. The checker is only asked what the module itself declares.
 */
export function createTranspiler(
  ts: typeof TypeScript,
  options: TypeScript.CompilerOptions,
): (text: string, before: Transformers, after: Transformers) => Transpiled {
  const target = options.target ?? ts.ScriptTarget.ES2022;
  const alone = { noLib: true, noResolve: true, isolatedModules: true };
  const named = { allowNonTsExtensions: true, suppressOutputPathCheck: true };
  const program = () => ts.createProgram([fileName], { ...options, ...alone, ...named }, hostOf(ts, target));
  let [current, used] = [program(), 0];

  return (text, before, after) => {
    if (++used > filesOfOneProgram) [current, used] = [program(), 0];
    const file = parse(ts, text, target);
    // The program's own, for the checker takes paths from programs alone.
    const own = current.getSourceFile(fileName) as { path?: string } | undefined;
    Object.assign(file, { path: own?.path });
    (ts as unknown as Binder).bindSourceFile(file, current.getCompilerOptions());
    const written = { code: "", map: "" };
    const write = (name: string, data: string) => (written[name.endsWith(".map") ? "map" : "code"] = data);
    current.emit(file, write, undefined, false, { before: [...before], after: [...after] });
    return written;
  };
}

interface Binder {
  bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
}

function parse(ts: typeof TypeScript, text: string, target: TypeScript.ScriptTarget): TypeScript.SourceFile {
  return ts.createSourceFile(fileName, text, {
    languageVersion: target,
    impliedNodeFormat: ts.ModuleKind.CommonJS,
  });
}

function hostOf(ts: typeof TypeScript, target: TypeScript.ScriptTarget): TypeScript.CompilerHost {
  return {
    getSourceFile: (name) => (name === fileName ? parse(ts, "export {};", target) : undefined),
    writeFile: () => undefined,
    getDefaultLibFileName: () => "lib.d.ts",
    useCaseSensitiveFileNames: () => true,
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "",
    getNewLine: () => "\n",
    fileExists: (name) => name === fileName,
    readFile: () => "",
  };
}
