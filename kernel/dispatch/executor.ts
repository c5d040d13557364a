import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";
import { MagicError } from "../contract/messages";
import type {
  Audience,
  CompiledCell,
  ExpandedCell,
  Failure,
  Language,
  MagicExpander,
  Outcome,
  Request,
  Session,
} from "../contract/messages";
import { pageName } from "./assist";
import type { Assistant } from "./assist";
import { errorContent, shownContent } from "./contents";
import { failureOfCompiler, failureOfDiagnostics, failureOfMagic } from "./failures";
import type { FiguresCopy } from "./figuresCopy";
import type { History } from "./history";
import { originOf } from "./origins";

export interface ExecutorParts {
  readonly audience: Audience;
  readonly language: Language;
  readonly magics: MagicExpander;
  readonly session: Session;
  readonly assistant: Assistant;
  readonly history: History;
  /** Sends off what has been printed so far. */
  readonly flush: () => void;
  /** Called before a cell runs. */
  readonly prepare: (cell: CompiledCell) => Promise<void>;
  readonly setStatus: (request: Request, status: "busy" | "idle") => void;
  readonly figuresCopy: FiguresCopy;
}

/** What comes of a cell: what its code has led to, or, of one that asks `name?`, a page or that there is none. */
type CellOutcome = Outcome & {
  readonly pages?: readonly object[];
  readonly printed?: string;
};

type ExecuteContent = KernelMessage.IExecuteRequestMsg["content"];

/** Executes cells one after the other. */
export class Executor {
  private readonly parts: ExecutorParts;
  /** The requests of each subshell, the first of which is being executed. */
  private readonly queues = new Map<string, Request[]>();
  private count = 0;
  private quietCount = 0;
  private interrupts = 0;

  constructor(parts: ExecutorParts) {
    this.parts = parts;
  }

  execute(request: Request): void {
    const subshell = subshellOf(request);
    const queue = this.queues.get(subshell) ?? [];
    this.queues.set(subshell, queue);
    if (queue.push(request) === 1) void this.work(queue).then(() => this.queues.delete(subshell));
  }

  /** Gives up what waits in a subshell. */
  abort(subshell: string): void {
    this.abortQueue(this.queues.get(subshell) ?? []);
  }

  interrupt(): void {
    this.interrupts++;
    this.parts.session.interrupt();
  }

  private async work(queue: Request[]): Promise<void> {
    for (let request = queue[0]; request !== undefined; request = queue[0]) {
      this.parts.setStatus(request, "busy");
      const failed = await this.executeOne(request, contentOf(request));
      this.parts.setStatus(request, "idle");
      if (failed && contentOf(request).stop_on_error !== false) this.abortQueue(queue);
      queue.shift();
    }
  }

  private async executeOne(request: Request, content: ExecuteContent): Promise<boolean> {
    const { audience } = this.parts;
    const { code, silent = false } = content;
    const isStored = !silent && content.store_history !== false;
    if (isStored) this.parts.history.add(++this.count, code);
    const { count } = this;
    if (!silent) {
      this.parts.figuresCopy.begin(request);
      this.publish(request, "execute_input", { code, execution_count: count });
    }
    const name = isStored ? `In[${count}]` : `Quiet[${++this.quietCount}]`;
    const outcome = await this.outcomeOf(name, code, originOf(request));
    this.parts.flush();
    if (!silent) this.publishOutcome(request, count, outcome);
    this.parts.figuresCopy.end(request);
    const expressions = outcome.failure ? {} : await this.evaluateAll(request);
    audience.reply(request, "execute_reply", {
      execution_count: count,
      ...(outcome.failure
        ? { status: "error", ...errorContent(outcome.failure) }
        : { status: "ok", payload: outcome.pages ?? [], user_expressions: expressions }),
    });
    return outcome.failure !== undefined;
  }

  private async outcomeOf(name: string, code: string, origin: string): Promise<CellOutcome> {
    const asked = pageName(code);
    return asked === undefined ? this.run(name, code, origin) : this.pageOf(asked);
  }

  private async pageOf(asked: string): Promise<CellOutcome> {
    const page = await this.parts.assistant.page(asked);
    return page === undefined ? { printed: `Nothing named ${asked} is found.\n` } : { pages: [page] };
  }

  private async run(name: string, code: string, origin: string): Promise<Outcome> {
    const before = this.interrupts;
    const compiled = await this.compile(name, code);
    if (this.interrupts > before) return { failure: interruptedBeforeItRan };
    if ("failure" in compiled) return compiled;
    await this.parts.prepare(compiled);
    return this.parts.session.run(compiled, origin);
  }

  private async compile(
    name: string,
    source: string,
    kind?: "cell" | "expression",
  ): Promise<CompiledCell | { failure: Failure }> {
    try {
      const expanded = this.parts.magics.expand(source);
      if (expanded.launch !== undefined) return await this.compileForRanks(name, expanded, expanded.launch);
      const { cell, diagnostics } = await this.parts.language.compile(name, expanded, kind);
      return cell ?? { failure: failureOfDiagnostics(name, expanded, diagnostics) };
    } catch (error) {
      return {
        failure:
          error instanceof MagicError
            ? failureOfMagic(name, source, error)
            : failureOfCompiler(error as Error),
      };
    }
  }

  private async compileForRanks(
    name: string,
    expanded: ExpandedCell,
    { cell: launch, pull }: NonNullable<ExpandedCell["launch"]>,
  ): Promise<CompiledCell | { failure: Failure }> {
    const launched = await this.parts.language.compile(name, launch, "expression");
    if (launched.cell === undefined) {
      return { failure: failureOfDiagnostics(name, launch, launched.diagnostics) };
    }
    const { ranks, diagnostics } = await this.parts.language.compileForRanks(name, expanded, pull);
    if (ranks === undefined) return { failure: failureOfDiagnostics(name, expanded, diagnostics) };
    return { ...launched.cell, ranks };
  }

  private publishOutcome(request: Request, count: number, outcome: CellOutcome): void {
    const { failure, result, printed } = outcome;
    if (printed !== undefined) this.publish(request, "stream", { name: "stdout", text: printed });
    if (failure !== undefined) this.publish(request, "error", errorContent(failure));
    else if (result !== undefined && Object.keys(result).length > 0) {
      this.publish(request, "execute_result", { execution_count: count, ...shownContent(result) });
      this.parts.figuresCopy.shown(request, result);
    }
  }

  private async evaluateAll(request: Request): Promise<object> {
    const expressions: object = contentOf(request).user_expressions ?? {};
    const origin = originOf(request);
    const values: Record<string, object> = {};
    for (const [key, code] of Object.entries(expressions) as [string, string][]) {
      const name = `Quiet[${++this.quietCount}]`;
      const compiled = await this.compile(name, `(${code})`, "expression");
      const outcome = "failure" in compiled ? compiled : await this.parts.session.run(compiled, origin);
      values[key] = outcome.failure
        ? { status: "error", ...errorContent(outcome.failure) }
        : { status: "ok", ...shownContent(outcome.result ?? { "text/plain": "undefined" }) };
    }
    return values;
  }

  /** All but the first, which is being executed. */
  private abortQueue(queue: Request[]): void {
    for (const request of queue.splice(1)) {
      this.parts.setStatus(request, "busy");
      const content = { status: "aborted", execution_count: this.count };
      this.parts.audience.reply(request, "execute_reply", content);
      this.parts.setStatus(request, "idle");
    }
  }

  private publish(request: Request, type: string, content: object): void {
    this.parts.audience.publish({ parent: request.header, type, content });
  }
}

const interruptedBeforeItRan: Failure = {
  name: "Interrupted",
  message: "the cell was interrupted before it ran",
  traceback: ["Interrupted: the cell was interrupted before it ran"],
};

function subshellOf({ header }: Request): string {
  return header.subshell_id ?? "";
}

function contentOf(request: Request): ExecuteContent {
  return request.content as unknown as ExecuteContent;
}
