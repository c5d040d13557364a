import { writeSync } from "node:fs";
import type { StreamName } from "../../../contract/messages";
import { descriptors, encodeFrame, markText } from "../../../contract/pipes";
import type { FromCell } from "../../../contract/cellMessages";
import type { Turns } from "../interrupt/turns";

/** Where what cells print and show goes. */
export interface Output<Message = FromCell> {
  write(stream: StreamName, bytes: Uint8Array): void;
  send(message: Message): void;
}

/**
 * The session's way out. All writing is synchronous, so that what a cell has said is out before it can
 * block, crash or exit.
 */
export class Outlet<Message = FromCell> implements Output<Message> {
  private readonly secret: string;
  private readonly turns: Turns;
  private marks = 0;
  private latest: StreamName = "stdout";
  private origin = "";

  constructor(secret: string, turns: Turns) {
    this.secret = secret;
    this.turns = turns;
    // Child processes and native code write past the outlet, before a cell has printed anything perhaps.
    turns.onBegin(() => this.announceOrigin());
  }

  write(stream: StreamName, bytes: Uint8Array): void {
    this.announceOrigin();
    if (stream !== this.latest) {
      this.emit({ type: "mark" });
      this.latest = stream;
    }
    writeAll(descriptors[stream], bytes);
  }

  send(message: Message): void {
    this.announceOrigin();
    this.emit(message);
  }

  /** Says whose output follows. */
  private announceOrigin(): void {
    const { origin } = this.turns.current;
    if (origin === this.origin) return;
    this.origin = origin;
    this.emit({ type: "origin", origin });
  }

  private emit(message: Message | FromCell): void {
    const mark = Buffer.from(markText(this.secret, this.marks++));
    writeAll(descriptors.stdout, mark);
    writeAll(descriptors.stderr, mark);
    writeAll(descriptors.messages, encodeFrame(message));
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      // A child process may have made the pipe it inherited non-blocking.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}
