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

type Asked = Pick<Question, "method" | "args">;

/** TypeScript in a thread of its own. Another takes the place of one that dies, and is told what that one knew. */
export class LanguageThread implements Language {
  private worker: Worker;
  private isClosed = false;
  private hasAnswered = false;
  private readonly askers = new Map<number, Asker>();
  /** By the code of the cell, what has told the thread of what is declared. */
  private readonly told = new Map<string, Asked>();
  private asked = 0;

  constructor() {
    this.worker = this.start();
  }

  async compile(name: string, text: CellText, kind?: "cell" | "expression"): Promise<Compilation> {
    const args = [name, text, kind];
    const compilation = await this.ask<Compilation>("compile", ...args);
    if (compilation.cell !== undefined && kind !== "expression") {
      this.remember(text.code, { method: "compile", args });
    }
    return compilation;
  }

  async compileForRanks(name: string, text: CellText, pull: readonly string[]): Promise<RanksCompilation> {
    const args = [name, text, pull];
    const compilation = await this.ask<RanksCompilation>("compileForRanks", ...args);
    if (compilation.ranks !== undefined) this.remember(text.code, { method: "compileForRanks", args });
    return compilation;
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
    for (const [code, { method }] of scope === "ranks" ? this.told : []) {
      if (method === "compileForRanks") this.told.delete(code);
    }
    if (scope !== "ranks") this.told.clear();
    return this.ask("forget", scope);
  }

  async ready(): Promise<void> {
    await this.completeness("");
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.worker.terminate();
  }

  private ask<T>(method: Question["method"], ...args: readonly unknown[]): Promise<T> {
    const id = ++this.asked;
    return new Promise<T>((resolve, reject) => {
      this.askers.set(id, { resolve: resolve, reject });
      this.worker.postMessage({ id, method, args } satisfies Question);
    });
  }

  /** What is told last of the same code holds, as if it had been told last of all. */
  private remember(code: string, asked: Asked): void {
    this.told.delete(code);
    this.told.set(code, asked);
  }

  private start(): Worker {
    const worker = startWorker();
    let reason: unknown;
    this.hasAnswered = false;
    worker.once("message", learnFlags);
    worker.on("message", ({ id, value, error }: Answer) => {
      this.hasAnswered = true;
      const asker = this.askers.get(id);
      this.askers.delete(id);
      if (error === undefined) asker?.resolve(value);
      else asker?.reject(new Error(error));
    });
    worker.on("error", (error) => (reason = error));
    worker.on("exit", () => this.replace(reason ?? new Error("the thread of the compiler has ended")));
    return worker;
  }

  /** Gives up what has been asked, which may be what the thread has died of: too much memory, for instance. */
  private replace(reason: unknown): void {
    if (this.isClosed) return;
    // One that cannot even start would be replaced for ever.
    if (!this.hasAnswered) throw reason;
    const lost = [...this.askers.values()];
    this.askers.clear();
    this.worker = this.start();
    for (const { method, args } of this.told.values()) {
      this.worker.postMessage({ id: ++this.asked, method, args } satisfies Question);
    }
    for (const asker of lost) asker.reject(reason);
  }
}

function startWorker(): Worker {
  setCompilerFlags();
  // Each compilation makes a checker and throws it away, which is cheap only while it is young.
  const resourceLimits = { maxYoungGenerationSizeMb: 3 * semiSpace };
  return new Worker(join(__dirname, "..", "thread", "worker.js"), { resourceLimits });
}
