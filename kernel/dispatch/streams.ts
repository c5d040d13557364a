import type { Header } from "../messages";

type StreamName = "stdout" | "stderr";
type Publish = (parent: Header | undefined, name: StreamName, text: string) => void;

const interval = 20; // milliseconds
const largestText = 1 << 20;

/** Gathers what is printed into few messages, without changing its order. */
export class StreamBuffer {
  private readonly publish: Publish;
  private parent: Header | undefined;
  private name: StreamName = "stdout";
  private texts: string[] = [];
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(publish: Publish) {
    this.publish = publish;
  }

  write(parent: Header | undefined, name: StreamName, text: string): void {
    if (name !== this.name || parent !== this.parent) this.flush();
    this.parent = parent;
    this.name = name;
    this.texts.push(text);
    this.size += text.length;
    if (this.size >= largestText) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), interval);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.texts.length === 0) return;
    const text = this.texts.join("");
    this.texts = [];
    this.size = 0;
    this.publish(this.parent, this.name, text);
  }
}
