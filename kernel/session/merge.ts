import { StringDecoder } from "node:string_decoder";
import { withoutChatter } from "./chatter";
import { FrameReader, markText } from "./protocol";
import type { Report } from "./protocol";

const streams = ["stdout", "stderr"] as const;
type StreamName = (typeof streams)[number];

/** Puts the text of two pipes and the reports of a third into the order in which they were written. */
export class Merge {
  private readonly frames = new FrameReader();
  private readonly reports: Report[] = [];
  private readonly texts: Record<StreamName, MarkedText>;
  private readonly deliver: (report: Report) => void;

  constructor(secret: string, deliver: (report: Report) => void) {
    this.deliver = deliver;
    this.texts = { stdout: new MarkedText(secret), stderr: new MarkedText(secret) };
  }

  readText(name: StreamName, chunk: Buffer): void {
    this.texts[name].read(chunk);
    this.advance();
  }

  readReports(chunk: Buffer): void {
    this.reports.push(...this.frames.read(chunk));
    this.advance();
  }

  /** Delivers what is left when the session has died, in the middle of a mark perhaps. */
  end(): void {
    for (const name of streams) this.texts[name].end();
    this.advance();
    for (const report of this.reports.splice(0)) this.deliver(report);
  }

  private advance(): void {
    for (;;) {
      for (const name of streams) {
        const text = withoutChatter(this.texts[name].takeText());
        if (text !== "") this.deliver({ type: "stream", name, text });
      }
      const report = this.reports[0];
      if (report === undefined || !streams.every((name) => this.texts[name].atMark())) return;
      this.reports.shift();
      for (const name of streams) this.texts[name].passMark();
      this.deliver(report);
    }
  }
}

/** The bytes of one pipe: text up to the next mark, which waits until it is passed. */
class MarkedText {
  private readonly secret: string;
  private readonly decoder = new StringDecoder("utf8");
  private bytes: Buffer = Buffer.alloc(0);
  private marks = 0;

  constructor(secret: string) {
    this.secret = secret;
  }

  read(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
  }

  takeText(): string {
    const mark = this.mark();
    const start = this.bytes.indexOf(mark);
    const end = start === -1 ? this.bytes.length - tailThatBegins(this.bytes, mark) : start;
    const text = this.decoder.write(this.bytes.subarray(0, end));
    this.bytes = this.bytes.subarray(end);
    return text;
  }

  atMark(): boolean {
    const mark = this.mark();
    return this.bytes.length >= mark.length && this.bytes.subarray(0, mark.length).equals(mark);
  }

  passMark(): void {
    this.bytes = this.bytes.subarray(this.mark().length);
    this.marks++;
  }

  end(): void {
    if (this.bytes.length > 0 && !this.atMark()) this.bytes = Buffer.alloc(0);
  }

  private mark(): Buffer {
    return Buffer.from(markText(this.secret, this.marks));
  }
}

/** How many bytes at the end of `bytes` may be the beginning of `mark`. */
function tailThatBegins(bytes: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(-length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
