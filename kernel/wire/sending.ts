export type Frames = (Buffer | Uint8Array | string)[];

interface Sender {
  send(frames: Frames): Promise<void>;
}

/** Sends one message after the other, because zeromq.js refuses those that overlap. */
export class SendQueue {
  private readonly socket: Sender;
  private tail: Promise<void> = Promise.resolve();

  constructor(socket: Sender) {
    this.socket = socket;
  }

  send(frames: Frames): void {
    this.tail = this.tail.then(() => this.socket.send(frames)).catch(ignoreGonePeer);
  }

  flushed(): Promise<void> {
    return this.tail;
  }
}

/** A router cannot send to a client that has left, which is nobody's loss. */
function ignoreGonePeer(error: unknown): void {
  const { code } = error as { code?: string };
  if (code !== "EHOSTUNREACH" && code !== "EBADF") throw error;
}
