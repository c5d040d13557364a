import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";
import type {
  Audience,
  Language,
  Magics,
  Request,
  Session,
  SessionEvent,
  SessionListener,
} from "../messages";
import { Assistant } from "./assist";
import { Comms, commContentOf, commEventOf } from "./comms";
import { Executor } from "./executor";
import type { History } from "./history";
import { kernelInfo } from "./info";
import { StreamBuffer } from "./streams";

export interface DispatchParts {
  readonly audience: Audience;
  readonly language: Language;
  readonly magics: Magics;
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
  private readonly comms = new Comms();
  private readonly streams = new StreamBuffer((name, text) => this.publish("stream", { name, text }));

  constructor(parts: DispatchParts) {
    const { audience, language, magics, history } = parts;
    this.parts = parts;
    this.session = parts.startSession(this);
    this.assistant = new Assistant(language, magics);
    this.executor = new Executor({
      ...{ audience, language, magics, history, assistant: this.assistant, session: this.session },
      flush: () => this.streams.flush(),
      setStatus: (request, status) => this.setStatus(request, status),
    });
  }

  receive(request: Request): void {
    const type = request.header.msg_type as string;
    if (type === "execute_request") this.executor.execute(request);
    else if (type === "input_reply") this.session.answer((request.content as { value?: string }).value ?? "");
    else void this.answer(request, type);
  }

  interrupt(): void {
    this.executor.interrupt();
  }

  async close(): Promise<void> {
    await Promise.all([this.session.close(), this.parts.language.close()]);
  }

  happened(event: SessionEvent): void {
    if (event.type === "stream") {
      this.streams.write(event.name, event.text);
      return;
    }
    this.streams.flush();
    if (event.type === "forget") void this.parts.language.forget();
    else if (event.type === "clear") this.publish("clear_output", { wait: event.wait });
    else if (event.type === "input") this.askInput(event.prompt, event.password);
    else if (event.type === "display" || event.type === "update") this.publishDisplay(event);
    else {
      this.comms.note(event);
      this.publish(event.type, commContentOf(event), event.metadata, event.buffers);
    }
  }

  replaced(): void {
    void this.parts.language.forget();
    this.comms.clear();
    this.streams.flush();
  }

  private async answer(request: Request, type: string): Promise<void> {
    this.setStatus(request, "busy");
    const replyType = type.replace(/_request$/, "_reply");
    const handler = this.handlers[type];
    if (handler === undefined) this.refuse(request, type, replyType);
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

  private forwardComm(request: Request): object {
    const event = commEventOf(request);
    this.comms.note(event);
    this.session.comm(event);
    return {};
  }

  private refuse(request: Request, type: string, replyType: string): void {
    if (!type.endsWith("_request")) return;
    const content = {
      status: "error",
      ename: "UnknownRequest",
      evalue: `no answer to ${type}`,
      traceback: [],
    };
    this.parts.audience.reply(request, replyType, content);
  }

  private askInput(prompt: string, password: boolean): void {
    const request = this.executor.latest;
    const content = request?.content as Partial<KernelMessage.IExecuteRequestMsg["content"]> | undefined;
    if (request === undefined || content?.allow_stdin === false) this.session.answer(undefined);
    else this.parts.audience.ask(request, { prompt, password });
  }

  private publishDisplay(event: Extract<SessionEvent, { type: "display" | "update" }>): void {
    const { data, metadata, id } = event;
    const transient = id === undefined ? {} : { display_id: id };
    this.publish(event.type === "display" ? "display_data" : "update_display_data", {
      data,
      metadata,
      transient,
    });
  }

  private publish(type: string, content: object, metadata?: object, buffers?: readonly Uint8Array[]): void {
    this.parts.audience.publish({ parent: this.executor.latest?.header, type, content, metadata, buffers });
  }

  private setStatus({ header }: Request, state: "busy" | "idle"): void {
    this.parts.audience.publish({ parent: header, type: "status", content: { execution_state: state } });
  }
}
