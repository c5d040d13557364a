import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";
import type {
  Audience,
  CommEvent,
  Header,
  Language,
  MagicExpander,
  Request,
  Session,
  SessionEvent,
  SessionListener,
} from "../contract/messages";
import { Debugger } from "../debug/debugger";
import { Assistant } from "./assist";
import { OpenComms, commContentOf, commEventOf } from "./openComms";
import { Executor } from "./executor";
import { FiguresCopy } from "./figuresCopy";
import type { History } from "./history";
import { kernelInfo } from "./info";
import { Origins } from "./origins";
import { StreamBuffer } from "./streams";
import { Subshells } from "./subshells";

export interface DispatchParts {
  readonly audience: Audience;
  readonly language: Language;
  readonly magics: MagicExpander;
  readonly history: History;
  readonly startSession: (listener: SessionListener) => Session;
  /** Called when a front end has asked for the end, and has its answer. */
  readonly onShutdown: () => void;
}

type Answer = object | Promise<object>;

/** From requests to replies, whoever asks: the sockets of a kernel, or a headless run. */
export class Dispatch implements SessionListener {
  private readonly parts: DispatchParts;
  private readonly session: Session;
  private readonly assistant: Assistant;
  private readonly executor: Executor;
  private readonly debugger: Debugger;
  /** Who asked the debugger last. */
  private debugging: Header | undefined;
  private readonly origins = new Origins();
  private readonly comms = new OpenComms();
  private readonly figuresCopy: FiguresCopy;
  private readonly subshells = new Subshells();
  private readonly streams = new StreamBuffer((...printed) => this.parts.audience.print(...printed));

  constructor(parts: DispatchParts) {
    const { audience, language, magics, history } = parts;
    this.parts = parts;
    this.session = parts.startSession(this);
    // Not before, for what two processes load at once on two processors is loaded later.
    void language.ready().then(() => this.session.prepare());
    this.debugger = new Debugger(this.session, (content) =>
      audience.publish({ parent: this.debugging, type: "debug_event", content }),
    );
    this.assistant = new Assistant(language, magics);
    this.figuresCopy = new FiguresCopy((publication) => audience.publish(publication));
    this.executor = new Executor({
      ...{ audience, language, magics, history, assistant: this.assistant, session: this.session },
      flush: () => this.streams.flush(),
      prepare: (cell) => this.debugger.prepare(cell),
      setStatus: (request, status) => this.setStatus(request, status),
      figuresCopy: this.figuresCopy,
    });
  }

  receive(request: Request): void {
    const type = request.header.msg_type as string;
    if (!this.subshells.has(request.header.subshell_id)) this.refuse(request, type, "no such subshell");
    else if (type === "execute_request") this.executor.execute(request);
    else if (type === "input_reply") this.session.answer((request.content as { value?: string }).value ?? "");
    else void this.answer(request, type);
  }

  interrupt(): void {
    this.debugger.release();
    this.executor.interrupt();
  }

  async close(): Promise<void> {
    this.figuresCopy.flush();
    await Promise.all([this.session.close(), this.parts.language.close()]);
  }

  happened(event: SessionEvent, origin: string): void {
    const request = this.origins.requestOf(origin);
    const parent = request?.header;
    if (event.type === "stream") {
      this.streams.write(parent, event.name, event.text);
      return;
    }
    this.streams.flush();
    const publish = (type: string, content: object) => this.parts.audience.publish({ parent, type, content });
    if (event.type === "forget") void this.parts.language.forget(event.scope);
    else if (event.type === "magic") this.parts.magics.register(event.magic);
    else if (event.type === "clear") {
      publish("clear_output", { wait: event.wait });
      this.figuresCopy.cleared(request);
    } else if (event.type === "input") this.askInput(request, event.prompt, event.password);
    else if (event.type === "display") {
      publish("display_data", displayContentOf(event));
      this.figuresCopy.shown(request, event.data);
    } else if (event.type === "update") {
      publish("update_display_data", displayContentOf(event));
      this.figuresCopy.shown(request, event.data);
    } else this.publishComm(parent, event);
  }

  inspected(method: string, params: object): void {
    this.debugger.inspected(method, params);
  }

  replaced(): void {
    this.debugger.replaced();
    void this.parts.language.forget();
    this.parts.magics.forget();
    this.comms.clear();
    this.streams.flush();
  }

  private async answer(request: Request, type: string): Promise<void> {
    this.setStatus(request, "busy");
    const replyType = type.replace(/_request$/, "_reply");
    const handler = Object.hasOwn(this.handlers, type) ? this.handlers[type] : undefined;
    if (handler === undefined) this.refuse(request, type, `no answer to ${type}`);
    else await this.replyWith(request, replyType, handler);
    this.setStatus(request, "idle");
    if (type === "shutdown_request") this.parts.onShutdown();
  }

  private async replyWith(
    request: Request,
    replyType: string,
    handler: (request: Request) => Answer,
  ): Promise<void> {
    try {
      const content = await handler(request);
      if (replyType.endsWith("_reply")) this.parts.audience.reply(request, replyType, content);
    } catch (error) {
      const { name, message, stack = "" } = error as Error;
      const content = { status: "error", ename: name, evalue: message, traceback: stack.split("\n") };
      this.parts.audience.reply(request, replyType, content);
    }
  }

  private readonly handlers: Record<string, (request: Request) => Answer> = {
    kernel_info_request: () => kernelInfo,
    complete_request: ({ content }) => this.assistant.complete(content as never),
    inspect_request: ({ content }) => this.assistant.inspect(content as never),
    is_complete_request: ({ content }) => this.assistant.isComplete(content["code"] as string),
    history_request: ({ content }) => ({ status: "ok", history: this.parts.history.find(content as never) }),
    comm_info_request: ({ content }) => this.comms.info(content["target_name"] as string | undefined),
    comm_open: (request) => this.forwardComm(request),
    comm_msg: (request) => this.forwardComm(request),
    comm_close: (request) => this.forwardComm(request),
    debug_request: ({ header, content }) => {
      this.debugging = header;
      return this.debugger.answer(content as never);
    },
    create_subshell_request: () => ({ status: "ok", subshell_id: this.subshells.create() }),
    list_subshell_request: () => ({ status: "ok", subshell_id: this.subshells.list() }),
    delete_subshell_request: ({ content }) => {
      const id = content["subshell_id"] as string;
      this.subshells.delete(id);
      this.executor.abort(id);
      return { status: "ok" };
    },
    interrupt_request: () => {
      this.interrupt();
      return { status: "ok" };
    },
    shutdown_request: (request) => {
      const content = { status: "ok", restart: request.content["restart"] === true };
      this.parts.audience.publish({ parent: request.header, type: "shutdown_reply", content });
      return content;
    },
  };

  /** The front end is busy until the session has done with the message: a slider sends no faster than that. */
  private async forwardComm(request: Request): Promise<object> {
    const event = commEventOf(request);
    this.comms.note(event);
    await this.session.comm(event);
    this.streams.flush();
    return {};
  }

  private refuse(request: Request, type: string, reason: string): void {
    if (!type.endsWith("_request")) return;
    const content = { status: "error", ename: "UnknownRequest", evalue: reason, traceback: [] };
    this.parts.audience.reply(request, type.replace(/_request$/, "_reply"), content);
  }

  private askInput(request: Request | undefined, prompt: string, password: boolean): void {
    const content = request?.content as Partial<KernelMessage.IExecuteRequestMsg["content"]> | undefined;
    if (request === undefined || content?.allow_stdin === false) this.session.answer(undefined);
    else this.parts.audience.ask(request, { prompt, password });
  }

  private publishComm(parent: Header | undefined, event: CommEvent): void {
    this.comms.note(event);
    const { type, metadata, buffers, request } = event;
    const answered = (request as Header | undefined) ?? parent;
    this.parts.audience.publish({ parent: answered, type, content: commContentOf(event), metadata, buffers });
  }

  private setStatus({ header }: Request, state: "busy" | "idle"): void {
    this.parts.audience.publish({ parent: header, type: "status", content: { execution_state: state } });
  }
}

function displayContentOf({
  data,
  metadata,
  id,
}: Extract<SessionEvent, { type: "display" | "update" }>): object {
  return { data, metadata, transient: id === undefined ? {} : { display_id: id } };
}
