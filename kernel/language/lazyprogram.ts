import type * as TypeScript from "@tslab/typescript-for-tslab";

type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram;
type Arguments = Parameters<TypeScript.CreateProgram<Builder>>;

/** What is asked of a program whose dependencies need not be known yet. */
type Cheap = Pick<Builder, "getProgram" | "getSourceFile"> & { getProgramOrUndefined(): TypeScript.Program };

interface Pending {
  /** The latest before it whose dependencies are known. */
  readonly base: Builder | undefined;
  resolved: Builder | undefined;
}

interface Binder {
  bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
}

/**
 * Makes programs that find out what depends on what when it is first asked for. tslab makes two for a cell that
 * declares something, the first only to see which names it declares, and this is most of what a cell costs.
 */
export function lazyPrograms(ts: typeof TypeScript): TypeScript.CreateProgram<Builder> {
  const pendings = new WeakMap<Builder, Pending>();

  return (...[rootNames, options = {}, host, old, errors, projectReferences]: Arguments): Builder => {
    const oldPending = old === undefined ? undefined : pendings.get(old);
    const base = oldPending === undefined ? old : (oldPending.resolved ?? oldPending.base);
    const program = ts.createProgram({
      ...{ rootNames: rootNames ?? [], options, host, projectReferences },
      ...{ oldProgram: old?.getProgram(), configFileParsingDiagnostics: errors },
    });
    const pending: Pending = { base, resolved: undefined };
    const resolve = () =>
      (pending.resolved ??= ts.createEmitAndSemanticDiagnosticsBuilderProgram(
        program,
        host as never,
        base,
        errors,
      ));
    const cheap: Cheap = {
      getProgram: () => program,
      getProgramOrUndefined: () => program,
      getSourceFile: (name) => {
        const file = program.getSourceFile(name);
        if (file !== undefined) (ts as unknown as Binder).bindSourceFile(file, options);
        return file;
      },
    };
    const lazy = new Proxy(cheap as unknown as Builder, {
      get: (target, key) => (key in target ? target : resolve())[key as never] as unknown,
    });
    pendings.set(lazy, pending);
    return lazy;
  };
}
