import { writeSync } from "node:fs";
import type { StreamName } from "../messages";
import { descriptors, encodeFrame, markText } from "./protocol";
import type { Report } from "./protocol";
import type { Turns } from "./turns";

/** Where what cells print and show goes. */
export interface Output {
  write(stream: StreamName, bytes: Uint8Array): void;
  report(report: Report): void;
}

/**
 * The session's way out. All writing is synchronous, so that what a cell has said is out before it can
 * block, crash or exit.
 */
export class Outlet implements Output {
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

  report(report: Report): void {
    this.announceOrigin();
    this.emit(report);
  }

  /** Says whose output follows. */
  private announceOrigin(): void {
    const { origin } = this.turns.current;
    if (origin === this.origin) return;
    this.origin = origin;
    this.emit({ type: "origin", origin });
  }

  private emit(report: Report): void {
    const mark = Buffer.from(markText(this.secret, this.marks++));
    writeAll(descriptors.stdout, mark);
    writeAll(descriptors.stderr, mark);
    writeAll(descriptors.reports, encodeFrame(report));
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
