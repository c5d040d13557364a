import { deserialize, serialize } from "node:v8";

/** The descriptors of a process that runs cells. */
export const descriptors = {
  stdout: 1,
  stderr: 2,
  messages: 3,
  alarm: 4,
  inspector: 5,
  inherited: 6,
} as const;

/** A request to V8's inspector, its answer by the same id, or an event, without one. */
export interface InspectorMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: object;
  readonly result?: object;
  readonly error?: string;
}

/**
 * Output comes over three pipes: whatever is written to the two standard ones, by the cell, its child
 * processes or native code, and messages. A message is preceded by a mark, the same in both standard
 * pipes, which tells where in the output it belongs.
 */
export function markText(secret: string, count: number): string {
  return `\0${secret}:${count}\0`;
}

export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Cuts a stream of bytes back into the messages that were written to it. */
export class FrameReader<Message> {
  private chunks: Buffer[] = [];
  private size = 0;

  read(chunk: Buffer): Message[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const messages: Message[] = [];
    for (let body = this.take(); body !== undefined; body = this.take()) {
      messages.push(deserialize(body) as Message);
    }
    return messages;
  }

  private take(): Buffer | undefined {
    if (this.size < 4) return undefined;
    if (this.chunks[0].length < 4) this.chunks = [Buffer.concat(this.chunks)];
    const end = 4 + this.chunks[0].readUInt32LE();
    if (this.size < end) return undefined;
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks = [all.subarray(end)];
    this.size -= end;
    return all.subarray(4, end);
  }
}
