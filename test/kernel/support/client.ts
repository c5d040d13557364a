import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Request as Requester, Subscriber } from "zeromq";

export const root = join(__dirname, "..", "..", "..", "..");
export const program = join(root, "dist", "kernel", "main.js");

export interface Message {
  readonly type: string;
  readonly parent: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Execution {
  readonly reply: Message["content"];
  /** What was published from busy to idle, both left out. */
  readonly outputs: readonly Message[];
}

/** The command that starts a kernel with a connection file. */
export type Command = (connectionFile: string) => string[];

const saddle: Command = (file) => [process.execPath, program, "kernel", file];

interface StartOptions {
  readonly folder?: string;
  /** Where the kernel keeps the user's data. */
  readonly data?: string;
  readonly command?: Command;
  /** More of the environment. */
  readonly env?: NodeJS.ProcessEnv;
}

interface Sending {
  readonly signingKey?: string;
  readonly subshell?: string;
  readonly metadata?: object;
}

interface ExecuteOptions {
  readonly subshell?: string;
  /** Of the message: front ends tell the cell's id there. */
  readonly metadata?: object;
  /** More of the request's content. */
  readonly [field: string]: unknown;
}

type ClientChannel = "shell" | "control" | "stdin";

const key = "a key of the tests";
const delimiter = "<IDS|MSG>";
const delimiterBytes = Buffer.from(delimiter);

/** A kernel of its own, and a front end that talks to it over its sockets. */
export class KernelClient {
  readonly process: ChildProcess;
  readonly folder: string;
  /** The id of the message that was sent last. */
  latest = "";
  /** How much the kernel has published for this front end. */
  publishedBytes = 0;
  private readonly ports: readonly number[];
  private readonly listeners = new Set<(channel: string, message: Message) => void>();
  private readonly sockets: Record<ClientChannel, Dealer>;
  private readonly subscriber = new Subscriber({ receiveHighWaterMark: 0 });
  private readonly heartbeat = new Requester();

  static async start(options: StartOptions = {}): Promise<KernelClient> {
    const ports = await freePorts(5);
    const folder = options.folder ?? emptyFolder();
    const client = new KernelClient(launch(options, folder, ports), folder, ports);
    await client.request("shell", "kernel_info_request", {});
    return client;
  }

  /** Another front end of the same kernel, such as a page that is loaded anew. */
  static async connect(kernel: KernelClient): Promise<KernelClient> {
    const client = new KernelClient(kernel.process, kernel.folder, kernel.ports);
    await client.request("shell", "kernel_info_request", {});
    return client;
  }

  private constructor(process: ChildProcess, folder: string, ports: readonly number[]) {
    this.process = process;
    this.folder = folder;
    this.ports = ports;
    const [shell, control, stdin, iopub, hb] = ports;
    process.on("exit", () => this.forget());
    const identity = { routingId: randomUUID(), linger: 0 };
    this.sockets = {
      shell: new Dealer(identity),
      control: new Dealer(identity),
      stdin: new Dealer(identity),
    };
    const address = (port: number) => `tcp://127.0.0.1:${port}`;
    this.sockets.shell.connect(address(shell));
    this.sockets.control.connect(address(control));
    this.sockets.stdin.connect(address(stdin));
    this.heartbeat.connect(address(hb));
    this.subscriber.connect(address(iopub));
    this.subscriber.subscribe();
    for (const [channel, socket] of Object.entries(this.sockets)) void this.listen(channel, socket);
    void this.listen("iopub", this.subscriber);
  }

  /** Sends a message and returns its id. */
  send(channel: ClientChannel, type: string, content: object, sending: Sending = {}): string {
    const { signingKey = key, subshell, metadata = {} } = sending;
    const id = randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      session: "test",
      username: "test",
      date: "",
      version: "5.3",
      subshell_id: subshell,
    };
    const parts = [header, {}, metadata, content].map((part) => JSON.stringify(part));
    const hmac = createHmac("sha256", signingKey);
    for (const part of parts) hmac.update(part);
    this.latest = id;
    void this.sockets[channel].send([delimiter, hmac.digest("hex"), ...parts]);
    return id;
  }

  async request(
    channel: ClientChannel,
    type: string,
    content: object,
    sending?: Sending,
  ): Promise<Message["content"]> {
    const id = this.send(channel, type, content, sending);
    const reply = await this.next(
      (from, message) => from === channel && message.parent === id && message.type.endsWith("_reply"),
    );
    return reply.content;
  }

  /** Executes a cell; `during` is called when it is being executed. */
  async execute(
    code: string,
    { subshell, metadata, ...options }: ExecuteOptions = {},
    during?: () => Promise<void>,
  ): Promise<Execution> {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true };
    const id = this.send("shell", "execute_request", { ...content, ...options }, { subshell, metadata });
    const outputs: Message[] = [];
    const collect = (channel: string, message: Message) => {
      if (channel === "iopub" && message.parent === id) outputs.push(message);
    };
    this.listeners.add(collect);
    const reply = this.next(
      (from, { parent, type }) => from === "shell" && parent === id && type === "execute_reply",
    );
    const idle = this.next(
      (from, { parent, content: { execution_state: state } }) =>
        from === "iopub" && parent === id && state === "idle",
    );
    await during?.();
    const [{ content: replied }] = await Promise.all([reply, idle]);
    this.listeners.delete(collect);
    const hidden = new Set(["status", "execute_input"]);
    return { reply: replied, outputs: outputs.filter(({ type }) => !hidden.has(type)) };
  }

  /** Resolves with the first message that `wanted` takes. */
  next(wanted: (channel: string, message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const listener = (channel: string, message: Message) => {
        if (!wanted(channel, message)) return;
        this.listeners.delete(listener);
        resolve(message);
      };
      this.listeners.add(listener);
    });
  }

  /** Resolves when a cell has printed `text`. */
  async printed(text: string): Promise<void> {
    await this.next((_, { type, content }) => type === "stream" && String(content["text"]).includes(text));
  }

  /** Calls `listener` with all that is published from now on. */
  onPublished(listener: (message: Message) => void): void {
    this.listeners.add((channel, message) => {
      if (channel === "iopub") listener(message);
    });
  }

  subscribe(topic: string): void {
    this.subscriber.subscribe(topic);
  }

  /** The milliseconds that a heartbeat takes. */
  async beat(): Promise<number> {
    const start = performance.now();
    await this.heartbeat.send("beat");
    await this.heartbeat.receive();
    return performance.now() - start;
  }

  async close(): Promise<void> {
    const gone = this.process.exitCode === null ? once(this.process, "exit") : undefined;
    this.send("control", "shutdown_request", { restart: false });
    await gone;
  }

  /** Goes away, as a page that is closed. */
  leave(): void {
    for (const socket of [...Object.values(this.sockets), this.subscriber, this.heartbeat]) socket.close();
  }

  private forget(): void {
    this.leave();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listen(channel: string, socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      if (channel === "iopub") this.publishedBytes += frames.reduce((sum, { length }) => sum + length, 0);
      const message = messageOf(frames);
      if (message !== undefined) for (const listener of [...this.listeners]) listener(channel, message);
    }
  }
}

function launch(
  { data = emptyFolder(), command = saddle, env: more = {} }: StartOptions,
  folder: string,
  ports: readonly number[],
): ChildProcess {
  const [shell, control, stdin, iopub, hb] = ports;
  const connection = {
    ...{ transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" },
    ...{ shell_port: shell, control_port: control, stdin_port: stdin, iopub_port: iopub, hb_port: hb },
  };
  const file = join(emptyFolder(), "connection.json");
  writeFileSync(file, JSON.stringify(connection));
  const env = { ...process.env, XDG_DATA_HOME: data, ...more };
  const [executable, ...args] = command(file);
  return spawn(executable, args, { cwd: folder, env, stdio: "inherit" });
}

/** Nothing, if it cannot be read: other kernels cut large ones to pieces, and what is not read is missed. */
function messageOf(frames: readonly Buffer[]): Message | undefined {
  const start = frames.findIndex((frame) => frame.equals(delimiterBytes));
  try {
    const [header, parent, , content] = frames
      .slice(start + 2, start + 6)
      .map((frame) => JSON.parse(frame.toString()) as Record<string, unknown>);
    return { type: header["msg_type"] as string, parent: parent["msg_id"] as string, content };
  } catch {
    return undefined;
  }
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "saddle-test-"));
}

/** What the streams of an execution say, joined. */
export function printedText({ outputs }: Execution, name = "stdout"): string {
  return outputs
    .filter(({ type, content }) => type === "stream" && content["name"] === name)
    .map(({ content }) => content["text"] as string)
    .join("");
}

/** The text of the value of an execution. */
export function resultText({ outputs }: Execution): string | undefined {
  const data = outputs.find(({ type }) => type === "execute_result")?.content["data"];
  return (data as Record<string, string> | undefined)?.["text/plain"];
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The text of the result of a cell, which must not fail. */
export async function valueIn(kernel: KernelClient, code: string): Promise<string | undefined> {
  const execution = await kernel.execute(code);
  if (execution.reply["status"] !== "ok") throw new Error(JSON.stringify(execution.reply));
  return resultText(execution);
}
