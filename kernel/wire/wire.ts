import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { Reply, Router, XPublisher } from "zeromq";
import type { Audience, Channel, Header, Publication, Request, StreamName } from "../contract/messages";
import { Codec, streamContent } from "./codec";
import { address, readConnection } from "./connection";
import type { Connection } from "./connection";
import { SendQueue } from "./sending";

const protocolVersion = "5.5";
const channels: readonly Channel[] = ["shell", "control", "stdin"];
/** How long a closing socket tries to get its last messages out, in milliseconds. */
const linger = 1000;
const unbounded = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger };

/** The five sockets of a Jupyter kernel. */
export class Wire implements Audience {
  /** How many messages came with a signature that is not right, or were no messages at all. */
  rejected = 0;
  private readonly codec: Codec;
  private readonly connection: Connection;
  private readonly sessionId = randomUUID();
  private readonly username = userInfo().username;
  private readonly routers = new Map(channels.map((channel) => [channel, new Router(unbounded)]));
  private readonly publisher = new XPublisher(unbounded);
  private readonly heartbeat = new Reply({ linger: 0 });
  private readonly replies = new Map(
    [...this.routers].map(([channel, socket]) => [channel, new SendQueue(socket)]),
  );
  private readonly publications = new SendQueue(this.publisher);

  constructor(connectionFile: string) {
    const connection = readConnection(connectionFile);
    this.connection = connection;
    this.codec = new Codec(connection.key, connection.signature_scheme);
    this.publisher.verbosity = "allSubs";
  }

  /** Binds the sockets: what is sent to them from then on waits until somebody listens. */
  async bind(): Promise<void> {
    await Promise.all([
      ...[...this.routers].map(([channel, socket]) => socket.bind(address(this.connection, channel))),
      this.publisher.bind(address(this.connection, "iopub")),
      this.heartbeat.bind(address(this.connection, "hb")),
    ]);
  }

  /** Hands over each request until the sockets are closed. */
  listen(receive: (request: Request) => void): void {
    for (const [channel, socket] of this.routers) void this.handOver(channel, socket, receive);
    void this.welcomeSubscribers();
    void this.echoHeartbeats();
  }

  reply(request: Request, type: string, content: object): void {
    this.send(request.channel, request, type, content);
  }

  ask(request: Request, content: object): void {
    this.send("stdin", request, "input_request", content);
  }

  print(parent: Header | undefined, name: StreamName, pieces: readonly string[]): void {
    this.publish({ parent, type: "stream", content: streamContent(name, pieces) });
  }

  publish({ parent, type, content, metadata = {}, buffers = [] }: Publication): void {
    const message = { header: this.header(type), parent, metadata, content, buffers };
    this.publications.send(this.codec.encode({ identities: [Buffer.from(`kernel.${type}`)], ...message }));
  }

  async flushed(): Promise<void> {
    await Promise.all([...this.replies.values(), this.publications].map((queue) => queue.flushed()));
  }

  async close(): Promise<void> {
    await this.flushed();
    for (const socket of [...this.routers.values(), this.publisher, this.heartbeat]) socket.close();
  }

  private send(channel: Channel, request: Request, type: string, content: object): void {
    const { identities, header: parent } = request;
    const message = { identities, header: this.header(type), parent, metadata: {}, content, buffers: [] };
    this.replies.get(channel)?.send(this.codec.encode(message));
  }

  private header(type: string): Header {
    return {
      msg_id: randomUUID(),
      msg_type: type as Header["msg_type"],
      session: this.sessionId,
      username: this.username,
      date: new Date().toISOString(),
      version: protocolVersion,
    };
  }

  private async handOver(
    channel: Channel,
    socket: Router,
    receive: (request: Request) => void,
  ): Promise<void> {
    for await (const frames of socket) {
      const message = this.codec.decode(frames);
      if (message === undefined) this.rejected++;
      else receive({ ...message, channel } as Request);
    }
  }

  private async welcomeSubscribers(): Promise<void> {
    for await (const [frame] of this.publisher) {
      if (frame[0] !== 1) continue;
      const topic = frame.subarray(1);
      const message = { parent: undefined, metadata: {}, content: { subscription: topic.toString() } };
      const header = this.header("iopub_welcome");
      this.publications.send(this.codec.encode({ identities: [topic], header, ...message, buffers: [] }));
    }
  }

  private async echoHeartbeats(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }
}
