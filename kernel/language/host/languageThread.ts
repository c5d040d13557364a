import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type {
  CellText,
  Compilation,
  Completeness,
  Completions,
  Inspection,
  Language,
  Scope,
  RanksCompilation,
} from "../../contract/messages";
import type { Answer, Question } from "../../contract/languageMessages";
import { learnFlags, semiSpace, setCompilerFlags } from "../../flags";

interface Asker {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** TypeScript in a thread of its own. */
export class LanguageThread implements Language {
  private readonly worker = startWorker();
  private readonly askers = new Map<number, Asker>();
  private asked = 0;

  constructor() {
    this.worker.once("message", learnFlags);
    this.worker.on("message", ({ id, value, error }: Answer) => {
      const asker = this.askers.get(id);
      this.askers.delete(id);
      if (error === undefined) asker?.resolve(value);
      else asker?.reject(new Error(error));
    });
  }

  compile(name: string, text: CellText, kind?: "cell" | "expression"): Promise<Compilation> {
    return this.ask("compile", name, text, kind);
  }

  compileForRanks(name: string, text: CellText, pull: readonly string[]): Promise<RanksCompilation> {
    return this.ask("compileForRanks", name, text, pull);
  }

  complete(code: string, offset: number, scope?: Scope): Promise<Completions> {
    return this.ask("complete", code, offset, scope);
  }

  inspect(code: string, offset: number, scope?: Scope): Promise<Inspection | undefined> {
    return this.ask("inspect", code, offset, scope);
  }

  completeness(code: string): Promise<Completeness> {
    return this.ask("completeness", code);
  }

  forget(scope?: Scope): Promise<void> {
    return this.ask("forget", scope);
  }

  async ready(): Promise<void> {
    await this.completeness("");
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private ask<T>(method: Question["method"], ...args: readonly unknown[]): Promise<T> {
    const id = ++this.asked;
    return new Promise<T>((resolve, reject) => {
      this.askers.set(id, { resolve: resolve, reject });
      this.worker.postMessage({ id, method, args } satisfies Question);
    });
  }
}

function startWorker(): Worker {
  setCompilerFlags();
  // Each compilation makes a checker and throws it away, which is cheap only while it is young.
  const resourceLimits = { maxYoungGenerationSizeMb: 3 * semiSpace };
  return new Worker(join(__dirname, "..", "thread", "worker.js"), { resourceLimits });
}
