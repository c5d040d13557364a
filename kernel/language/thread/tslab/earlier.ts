import type * as TypeScript from "typescript";

/** What tslab asks of the compiler when it makes of the earlier cells' declarations what the next cell sees of them. */
type Asked = Pick<typeof TypeScript, "createPrinter"> & {
  readonly isFunctionDeclaration: (node: TypeScript.Node) => boolean;
};

export interface EarlierDeclarations {
  readonly replaced: Asked;
  /** Says that `cell` is the one to be converted. */
  setCell(cell: TypeScript.SourceFile): void;
  /** Has `sys` say of the file of the declarations that it has changed when it has. */
  watch(sys: TypeScript.System, file: string): void;
}

/** What tslab keeps of the declarations of earlier cells, set right. */
export function earlierDeclarations(ts: typeof TypeScript): EarlierDeclarations {
  let cell: TypeScript.SourceFile | undefined;
  /** Whether something has been taken out of the declarations since they were read. */
  let areLess = false;

  /** tslab keeps functions, and knows of no namespaces and no aliases of what is in them. */
  const isFunctionDeclaration = (node: TypeScript.Node): boolean => {
    if (ts.isFunctionDeclaration(node)) return true;
    const isOther = ts.isModuleDeclaration(node) || ts.isImportEqualsDeclaration(node);
    return isOther && !declares(cell, node.name.text);
  };

  const createPrinter: typeof ts.createPrinter = (options, handlers) => {
    const printer = ts.createPrinter(options, handlers);
    const printFile = (file: TypeScript.SourceFile): string => {
      const text = printer.printFile(file);
      areLess = file.text !== `export {};${ts.sys.newLine}${text}`;
      return text;
    };
    return { ...printer, printFile };
  };

  /**
   * tslab says of the declarations that they have changed whether they have or not. Those that a cell declares again it
   * takes out of the file as it was parsed, which is to be parsed again then.
   */
  const watch = (sys: TypeScript.System, file: string): void => {
    const watchFile = sys.watchFile?.bind(sys);
    sys.watchFile = (path, notify, ...rest) => {
      let known = path === file ? sys.readFile(path) : undefined;
      const notifyOfChange: TypeScript.FileWatcherCallback = (...args) => {
        const text = sys.readFile(path);
        if (text !== known || areLess) notify(...args);
        known = text;
        areLess = false;
      };
      return (
        watchFile?.(path, path === file ? notifyOfChange : notify, ...rest) ?? { close: () => undefined }
      );
    };
  };

  const setCell = (now: TypeScript.SourceFile) => (cell = now);
  return { replaced: { createPrinter, isFunctionDeclaration }, setCell, watch };
}

function declares(cell: TypeScript.SourceFile | undefined, name: string): boolean {
  return (cell as { locals?: ReadonlyMap<string, unknown> } | undefined)?.locals?.has(name) ?? false;
}
