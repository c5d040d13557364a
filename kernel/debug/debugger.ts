import type { CompiledCell, Session } from "../contract/messages";
import { Breakpoints } from "./breakpoints";
import { cellFrames, isBeforeCell, reasonOf, stackFrameOf } from "./pause";
import type { CellFrame, PausedEvent } from "./pause";
import { Sources, sourcePaths } from "./sources";
import type { LivingCell } from "../session/cell/output/traceback";
import { Values, textOf, valuesGroup } from "./values";
import type { RemoteObject } from "./values";

interface DebugRequest {
  readonly seq: number;
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

type Arguments = Readonly<Record<string, unknown>>;
type Body = object | undefined;

const threadId = 1;
/** Not to be stepped into: the kernel, the library and Node. */
const blackboxed = ["/dist/(kernel|lib)/", "^node:", "/node_modules/"];
const notebook = "__saddle.values";
const livingCells = "__saddle.cells";
/** How many scripts are known, at least, before those are looked for that are gone. */
const fewScripts = 200;

const capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  exceptionBreakpointFilters: [{ filter: "all", label: "All exceptions", default: false }],
};

/**
 * A debugger for cells: Jupyter's debug_request carries the Debug Adapter Protocol
 * (https://microsoft.github.io/debug-adapter-protocol), which is answered from V8's inspector.
 */
export class Debugger {
  private readonly session: Pick<Session, "inspect">;
  private readonly publish: (event: object) => void;
  private readonly sources = new Sources();
  private readonly breakpoints: Breakpoints;
  private values: Values;
  private frames: CellFrame[] = [];
  private started = false;
  private mostScripts = fewScripts;
  private enabled: Promise<void> = Promise.resolve();
  private stepping = false;
  private pauseOnExceptions = "none";
  private said = 0;

  constructor(session: Pick<Session, "inspect">, publish: (event: object) => void) {
    this.session = session;
    this.publish = publish;
    this.breakpoints = new Breakpoints(session, this.sources);
    this.values = new Values(session);
  }

  /** The reply to a debug_request. */
  async answer({ seq: request_seq, command, arguments: given = {} }: DebugRequest): Promise<object> {
    const answer = { seq: ++this.said, type: "response", request_seq, command };
    const handler = this.handlers[command];
    if (handler === undefined) return { ...answer, ...refusal(`no answer to ${command}`) };
    try {
      return { ...answer, success: true, body: (await handler(given)) ?? {} };
    } catch (error) {
      return { ...answer, ...refusal((error as Error).message) };
    }
  }

  /** To be called before a cell runs: sets its breakpoints. */
  async prepare(cell: CompiledCell): Promise<void> {
    // A cell runs though it cannot be debugged.
    await this.enabled.then(() => this.add(cell)).catch(() => undefined);
  }

  /** Lets the session go on, so that it can be interrupted. */
  release(): void {
    if (this.frames.length > 0) void this.session.inspect("Debugger.resume").catch(() => undefined);
  }

  inspected(method: string, params: object): void {
    if (method === "Debugger.paused") this.paused(params as PausedEvent);
    if (method === "Debugger.resumed") this.resumed();
    if (method !== "Debugger.scriptParsed") return;
    const { scriptId, url } = params as { scriptId: string; url: string };
    this.sources.identify(scriptId, url);
  }

  /** A fresh session has taken the place of the one that was debugged. */
  replaced(): void {
    this.sources.forgetScripts();
    this.breakpoints.forgetIds();
    if (this.frames.length > 0) this.resumed();
    if (this.started) this.enabled = this.enable().catch(() => undefined);
  }

  private readonly handlers: Readonly<Record<string, (given: Arguments) => Body | Promise<Body>>> = {
    debugInfo: () => this.info(),
    initialize: () => {
      this.event("initialized", {});
      return capabilities;
    },
    attach: () => this.start(),
    configurationDone: () => undefined,
    disconnect: () => this.stop(),
    terminate: () => this.stop(),
    dumpCell: ({ code }) => ({ sourcePath: this.sources.dump(code as string) }),
    source: ({ source }) => {
      const content = this.sources.text((source as { path: string }).path);
      if (content === undefined) throw new Error("there is no such cell");
      return { content, mimeType: "text/typescript" };
    },
    setBreakpoints: (given) => this.setBreakpoints(given),
    setExceptionBreakpoints: async ({ filters }) => {
      this.pauseOnExceptions = (filters as string[]).length > 0 ? "all" : "none";
      await this.session.inspect("Debugger.setPauseOnExceptions", { state: this.pauseOnExceptions });
      return undefined;
    },
    modules: ({ startModule = 0, moduleCount = 0 }) =>
      this.modules(startModule as number, moduleCount as number),
    threads: () => ({ threads: [{ id: threadId, name: "cells" }] }),
    stackTrace: () => ({ stackFrames: this.frames.map(stackFrameOf), totalFrames: this.frames.length }),
    scopes: ({ frameId }) => this.scopes(frameId as number),
    variables: async ({ variablesReference }) => ({
      variables: await this.values.variables(variablesReference as number),
    }),
    evaluate: (given) => this.evaluate(given as never),
    inspectVariables: async () => ({ variables: await this.values.variables(await this.notebook()) }),
    richInspectVariables: async ({ variableName, frameId }) => {
      const { result } = await this.evaluate({
        expression: variableName as string,
        frameId: frameId as number,
      });
      return { data: { "text/plain": result }, metadata: {} };
    },
    continue: async () => {
      await this.goOn("resume");
      return { allThreadsContinued: true };
    },
    next: () => this.goOn("stepOver"),
    stepIn: () => this.goOn("stepInto"),
    stepOut: () => this.goOn("stepOut"),
    pause: async () => {
      await this.session.inspect("Debugger.pause");
      return undefined;
    },
  };

  /** The cells whose code there is: what Lab lists as the kernel's sources. `count` 0 is all of them. */
  private modules(start: number, count: number): object {
    const all = this.sources.all().map(({ name, path }) => ({ id: name, name, path }));
    return { modules: all.slice(start, count === 0 ? undefined : start + count), totalModules: all.length };
  }

  private info(): object {
    const breakpoints = this.breakpoints.all().map(([source, list]) => ({
      source,
      breakpoints: list.map(({ line }) => ({ line: line + 1, verified: true, source: { path: source } })),
    }));
    return {
      ...{ isStarted: this.started, ...sourcePaths, breakpoints },
      ...{ stoppedThreads: this.frames.length > 0 ? [threadId] : [], exceptionPaths: [] },
      ...{ richRendering: true, copyToGlobals: false },
    };
  }

  private async start(): Promise<Body> {
    this.started = true;
    this.enabled = this.enable();
    await this.enabled;
    return undefined;
  }

  private async add(cell: CompiledCell): Promise<void> {
    // What a front end has been shown it may ask about until the next cell runs.
    if (this.frames.length === 0) await this.values.forget();
    if (!this.started) return;
    if (this.sources.size >= this.mostScripts) await this.keepLiving();
    await this.breakpoints.setIn(this.sources.add(cell));
  }

  /** The session tells which cells have code left that may run: those are what can be debugged. */
  private async keepLiving(): Promise<void> {
    const { result } = await this.session.inspect<{ result: { value: readonly LivingCell[] } }>(
      "Runtime.evaluate",
      { expression: livingCells, returnByValue: true },
    );
    for (const script of this.sources.keep(result.value)) await this.breakpoints.setIn(script);
    this.mostScripts = 2 * Math.max(fewScripts, this.sources.size);
  }

  private async enable(): Promise<void> {
    await this.session.inspect("Runtime.enable");
    await this.session.inspect("Debugger.enable");
    await this.session.inspect("Debugger.setBlackboxPatterns", { patterns: blackboxed });
    await this.session.inspect("Debugger.setPauseOnExceptions", { state: this.pauseOnExceptions });
    await this.keepLiving();
  }

  private async stop(): Promise<Body> {
    this.started = false;
    for (const [path] of this.breakpoints.all()) await this.breakpoints.set(path, []);
    await this.session.inspect("Debugger.disable");
    await this.values.forget();
    this.sources.forgetScripts();
    this.frames = [];
    this.event("terminated", {});
    return undefined;
  }

  private async setBreakpoints({ source, breakpoints = [] }: Arguments): Promise<object> {
    const { path } = source as { path: string };
    const wanted = (breakpoints as { line: number; condition?: string }[]).map(({ line, condition }) => ({
      line: line - 1,
      condition,
    }));
    const lines = this.sources.text(path)?.split("\n").length ?? 0;
    await this.breakpoints.set(path, wanted);
    return {
      breakpoints: wanted.map(({ line }, id) => ({ id, verified: line < lines, line: line + 1, source })),
    };
  }

  private async scopes(frameId: number): Promise<object> {
    const chain = this.frames[frameId]?.scopeChain ?? [];
    const own = chain.filter(({ type }) => ["local", "block", "catch", "closure"].includes(type));
    const scopes = own.map(({ type, object }) => ({
      name: `${type[0].toUpperCase()}${type.slice(1)}`,
      variablesReference: this.values.reference(object),
      expensive: false,
    }));
    return {
      scopes: [...scopes, { name: "Notebook", variablesReference: await this.notebook(), expensive: false }],
    };
  }

  /** The reference of the notebook's variables. */
  private async notebook(): Promise<number> {
    return this.values.reference(await this.valueOf(notebook, undefined));
  }

  private async evaluate({ expression, frameId }: { expression: string; frameId?: number }) {
    const value = await this.valueOf(await this.withNotebook(expression, frameId), frameId);
    return { result: textOf(value), type: value.type, variablesReference: this.values.reference(value) };
  }

  /** The notebook's variables are no variables of JavaScript, so that an expression gets them as arguments. */
  private async withNotebook(expression: string, frameId: number | undefined): Promise<string> {
    const known = await this.values.variables(await this.notebook());
    const names = known
      .map(({ name }) => name)
      .filter((name) => new RegExp(`\\b${name}\\b`).test(expression));
    const values = names.map((name) => `typeof ${name} === "undefined" ? ${notebook}.${name} : ${name}`);
    const given = frameId === undefined ? names.map((name) => `${notebook}.${name}`) : values;
    return `((${names.join(", ")}) => (${expression}))(${given.join(", ")})`;
  }

  private async valueOf(expression: string, frameId: number | undefined): Promise<RemoteObject> {
    const frame = frameId === undefined ? undefined : this.frames[frameId];
    const answer = await this.session.inspect<{ result: RemoteObject; exceptionDetails?: object }>(
      frame === undefined ? "Runtime.evaluate" : "Debugger.evaluateOnCallFrame",
      { expression, callFrameId: frame?.callFrameId, generatePreview: false, objectGroup: valuesGroup },
    );
    if (answer.exceptionDetails !== undefined) throw new Error(textOf(answer.result).split("\n")[0]);
    return answer.result;
  }

  private async goOn(how: "resume" | "stepOver" | "stepInto" | "stepOut"): Promise<Body> {
    this.stepping = how !== "resume";
    await this.session.inspect(`Debugger.${how}`);
    return undefined;
  }

  private paused(event: PausedEvent): void {
    this.frames = cellFrames(event, this.sources);
    if (this.frames.length === 0 || isBeforeCell(this.frames[0])) {
      const goOn = this.frames.length === 0 ? "Debugger.resume" : "Debugger.stepOut";
      this.frames = [];
      void this.session.inspect(goOn).catch(() => undefined);
      return;
    }
    const reason = reasonOf(event, this.stepping);
    const text = reason === "exception" && event.data !== undefined ? textOf(event.data) : undefined;
    this.event("stopped", { reason, text, threadId, allThreadsStopped: true });
  }

  private resumed(): void {
    if (this.frames.length === 0) return;
    this.frames = [];
    this.event("continued", { threadId, allThreadsContinued: true });
  }

  private event(event: string, body: object): void {
    this.publish({ seq: ++this.said, type: "event", event, body });
  }
}

/** Of an answer without success; front ends look into its body as into any other. */
function refusal(message: string): object {
  return { success: false, message, body: { error: { id: 1, format: message } } };
}
