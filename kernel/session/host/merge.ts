import { StringDecoder } from "node:string_decoder";
import type { StreamName } from "../../contract/messages";
import { withoutChatter } from "./driverWarnings";
import { FrameReader, markText } from "../../contract/pipes";
import type { FromCell } from "../../contract/cellMessages";

const streams = ["stdout", "stderr"] as const;

type StreamEvent = Extract<FromCell, { type: "stream" }>;

/** Puts the text of two pipes and the messages of a third into the order in which they were written. */
export class Merge<Message = FromCell> {
  private readonly frames = new FrameReader<Message>();
  private readonly messages: Message[] = [];
  private readonly texts: Record<StreamName, MarkedText>;
  private readonly deliver: (message: Message | StreamEvent) => void;

  constructor(secret: string, deliver: (message: Message | StreamEvent) => void) {
    this.deliver = deliver;
    this.texts = { stdout: new MarkedText(secret), stderr: new MarkedText(secret) };
  }

  readText(name: StreamName, chunk: Buffer): void {
    this.texts[name].read(chunk);
    this.advance();
  }

  readMessages(chunk: Buffer): void {
    this.messages.push(...this.frames.read(chunk));
    this.advance();
  }

  /** Delivers what is left when the session has died, in the middle of a mark perhaps. */
  end(): void {
    for (const name of streams) this.texts[name].end();
    this.advance();
    for (const message of this.messages.splice(0)) this.deliver(message);
  }

  private advance(): void {
    for (;;) {
      for (const name of streams) {
        const text = withoutChatter(this.texts[name].takeText());
        if (text !== "") this.deliver({ type: "stream", name, text });
      }
      const message = this.messages[0];
      if (message === undefined || !streams.every((name) => this.texts[name].atMark())) return;
      this.messages.shift();
      for (const name of streams) this.texts[name].passMark();
      this.deliver(message);
    }
  }
}

/** The bytes of one pipe: text up to the next mark, which waits until it is passed. */
class MarkedText {
  private readonly secret: string;
  private readonly decoder = new StringDecoder("utf8");
  private bytes: Buffer = Buffer.alloc(0);
  private marks = 0;
  /** The next mark. */
  private mark: Buffer;

  constructor(secret: string) {
    this.secret = secret;
    this.mark = Buffer.from(markText(secret, 0));
  }

  read(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
  }

  takeText(): string {
    if (this.bytes.length === 0) return "";
    const start = this.bytes.indexOf(this.mark);
    const end = start === -1 ? this.bytes.length - tailThatBegins(this.bytes, this.mark) : start;
    const text = this.decoder.write(this.bytes.subarray(0, end));
    this.bytes = this.bytes.subarray(end);
    return text;
  }

  atMark(): boolean {
    const { bytes, mark } = this;
    return bytes.length >= mark.length && bytes.subarray(0, mark.length).equals(mark);
  }

  passMark(): void {
    this.bytes = this.bytes.subarray(this.mark.length);
    this.mark = Buffer.from(markText(this.secret, ++this.marks));
  }

  end(): void {
    if (this.bytes.length > 0 && !this.atMark()) this.bytes = Buffer.alloc(0);
  }
}

/** How many bytes at the end of `bytes` may be the beginning of `mark`. */
function tailThatBegins(bytes: Buffer, mark: Buffer): number {
  const from = Math.max(0, bytes.length - mark.length + 1);
  for (let start = bytes.indexOf(mark[0], from); start !== -1; start = bytes.indexOf(mark[0], start + 1)) {
    const length = bytes.length - start;
    if (bytes.subarray(start).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
