import type { StreamName } from "../../contract/messages";

/** Puts a label before every line, and keeps what has no end yet until it has. */
export class LabelledText {
  private readonly label: string;
  private readonly write: (stream: StreamName, text: string) => void;
  private readonly rest: Record<StreamName, string> = { stdout: "", stderr: "" };

  constructor(label: string, write: (stream: StreamName, text: string) => void) {
    this.label = label;
    this.write = write;
  }

  add(stream: StreamName, text: string): void {
    const lines = (this.rest[stream] + text).split("\n");
    this.rest[stream] = lines.pop() ?? "";
    if (lines.length > 0) this.write(stream, lines.map((line) => `${this.label} ${line}\n`).join(""));
  }

  /** What has no end will get none. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.rest[stream] !== "") this.add(stream, "\n");
    }
  }
}
