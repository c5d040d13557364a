import { createHmac, timingSafeEqual } from "node:crypto";
import type { Header, StreamName } from "../contract/messages";

const delimiter = Buffer.from("<IDS|MSG>");
const escapedBytes = [...Buffer.from('"\\'), ...Array(0x20).keys()];

export interface WireMessage {
  /** Routing identities, or the topic of a publication. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parent: Header | undefined;
  readonly metadata: object;
  /** Bytes are JSON already. */
  readonly content: object | Buffer;
  readonly buffers: readonly Uint8Array[];
}

/** Jupyter messages to signed frames and back. */
export class Codec {
  private readonly key: string;
  private readonly algorithm: string;

  constructor(key: string, signatureScheme: string) {
    this.key = key;
    this.algorithm = signatureScheme.replace(/^hmac-/, "");
  }

  encode(message: WireMessage): (Buffer | Uint8Array | string)[] {
    const { header, parent, metadata, content } = message;
    const parts = [header, parent ?? {}, metadata, content].map(jsonOf);
    return [...message.identities, delimiter, this.sign(parts), ...parts, ...message.buffers];
  }

  /** Nothing, if the frames are not a message signed with the key. */
  decode(frames: readonly Buffer[]): WireMessage | undefined {
    const start = frames.findIndex((frame) => frame.equals(delimiter));
    if (start === -1 || frames.length < start + 6) return undefined;
    const parts = frames.slice(start + 2, start + 6);
    if (!this.isSignature(frames[start + 1], parts)) return undefined;
    try {
      const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString()) as object);
      return {
        identities: frames.slice(0, start),
        header: header as Header,
        parent: parent as Header,
        metadata,
        content,
        buffers: frames.slice(start + 6),
      };
    } catch {
      return undefined;
    }
  }

  private sign(parts: readonly Buffer[]): string {
    if (this.key === "") return "";
    const hmac = createHmac(this.algorithm, this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  private isSignature(signature: Buffer, parts: readonly Buffer[]): boolean {
    const expected = Buffer.from(this.sign(parts));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

function jsonOf(part: object): Buffer {
  return Buffer.isBuffer(part) ? part : Buffer.from(JSON.stringify(part));
}

/** The content of a message of what has been printed. */
export function streamContent(name: StreamName, pieces: readonly string[]): Buffer {
  return Buffer.concat([
    Buffer.from(`{"name":"${name}","text":"`),
    ...pieces.map(insideQuotes),
    Buffer.from('"}'),
  ]);
}

/** To look for what JSON escapes, a byte at a time, takes a fifth of the time that it takes to look at each for all. */
function insideQuotes(text: string): Buffer {
  if (!text.includes("\n")) {
    const bytes = Buffer.from(text);
    if (!escapedBytes.some((byte) => bytes.includes(byte))) return bytes;
  }
  return Buffer.from(JSON.stringify(text)).subarray(1, -1);
}
