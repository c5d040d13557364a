import type * as TypeScript from "typescript";

/** The parts of the compiler's source files that it does not declare. */
interface BoundFile extends TypeScript.SourceFile {
  readonly path: TypeScript.Path;
  readonly resolvedPath: TypeScript.Path;
  readonly imports?: readonly TypeScript.Node[];
  readonly moduleAugmentations?: readonly TypeScript.Node[];
}

/** Those of what the compiler reads files from. */
interface Host extends TypeScript.CompilerHost {
  readonly hasInvalidatedResolutions?: (path: TypeScript.Path) => boolean;
}

interface Known {
  getMissingFilePaths(): ReadonlyMap<string, string>;
}

/** What a file that depends on no other mentions nowhere. */
const otherFiles = /\b(?:import|require|module|reference|from)\b/;

/**
 * `program` with the cell of now, if nothing else has changed and neither imports anything. To make a program anew, the
 * compiler looks for the package of each of its files, two hundred times in vain, which takes longer than to check a cell.
 */
export function renewed(
  program: TypeScript.Program,
  host: Host,
  isOfCell: (fileName: string) => boolean,
): TypeScript.Program | undefined {
  const missing = (program as unknown as Known).getMissingFilePaths();
  if ([...missing.values()].some((file) => host.fileExists(file))) return undefined;
  const before = program.getSourceFiles() as readonly BoundFile[];
  const byPath = new Map<string, BoundFile>();
  for (const file of before) {
    const now = currentFile(host, file);
    const isSame = now === file && host.hasInvalidatedResolutions?.(file.path) !== true;
    if (now === undefined || (!isSame && !(isOfCell(file.fileName) && isAlone(file) && isAlone(now)))) {
      return undefined;
    }
    byPath.set(file.path, isSame ? file : inPlaceOf(file, now));
  }
  const files = [...byPath.values()];
  return {
    ...program,
    getSourceFiles: () => files,
    getSourceFile: (name) => byPath.get((program.getSourceFile(name) as BoundFile | undefined)?.path ?? ""),
    getSourceFileByPath: (path) => byPath.get(path),
  } satisfies TypeScript.Program;

  function inPlaceOf({ fileName, path, resolvedPath }: BoundFile, now: BoundFile): BoundFile {
    const names = { fileName, originalFileName: fileName, path, resolvedPath };
    return Object.assign(now, names, { imports: [], moduleAugmentations: [], ambientModuleNames: [] });
  }
}

function currentFile(host: Host, file: BoundFile): BoundFile | undefined {
  const { languageVersion, impliedNodeFormat, fileName, resolvedPath } = file;
  const options = { languageVersion, impliedNodeFormat };
  return host.getSourceFileByPath?.(fileName, resolvedPath, options) as BoundFile | undefined;
}

function isAlone({ text, imports = [], moduleAugmentations = [] }: BoundFile): boolean {
  return imports.length + moduleAugmentations.length === 0 && !otherFiles.test(text);
}
