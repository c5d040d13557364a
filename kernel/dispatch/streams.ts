import type { Header, StreamName } from "../contract/messages";

type Print = (parent: Header | undefined, name: StreamName, pieces: readonly string[]) => void;

const interval = 20; // milliseconds
const largestText = 1 << 20;
/** Text is added to a piece that is shorter. */
const enough = 1 << 14;

/** Gathers what is printed into few messages, without changing its order. */
export class StreamBuffer {
  private readonly print: Print;
  private parent: Header | undefined;
  private name: StreamName = "stdout";
  private pieces: string[] = [];
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(print: Print) {
    this.print = print;
  }

  write(parent: Header | undefined, name: StreamName, text: string): void {
    if (name !== this.name || parent !== this.parent) this.flush();
    this.parent = parent;
    this.name = name;
    this.add(text);
    if (this.size >= largestText) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), interval);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.size === 0) return;
    const { pieces } = this;
    this.pieces = [];
    this.size = 0;
    this.print(this.parent, this.name, pieces);
  }

  private add(text: string): void {
    const last = this.pieces.length - 1;
    if (last >= 0 && this.pieces[last].length < enough) this.pieces[last] += text;
    else this.pieces.push(text);
    this.size += text.length;
  }
}
