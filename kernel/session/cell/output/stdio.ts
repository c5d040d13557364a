import { Writable } from "node:stream";
import type { StreamName } from "../../../contract/messages";
import type { Output } from "./outlet";
import { descriptors } from "../../../contract/pipes";

const encoder = new TextEncoder();
const room = new Uint8Array(1 << 16);

/** Makes `process.stdout` and `process.stderr`, and with them `console`, write through the outlet. */
export function captureStdio(outlet: Output): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = standardStream(outlet, name);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}

/**
 * As Node's own, it outlives whoever ends or destroys it: the next cell prints. What is written is out at once, and
 * the stream notes nothing of it, so that a cell can end in the middle of a write.
 */
function standardStream(outlet: Output, name: StreamName): Writable {
  const put = (chunk: unknown, encoding: BufferEncoding) => {
    if (typeof chunk !== "string") outlet.write(name, bytesOf(chunk));
    else if (isUtf8(encoding)) writeText(outlet, name, chunk);
    else outlet.write(name, Buffer.from(chunk, encoding));
  };
  const stream = new Writable({ autoDestroy: false, emitClose: false });
  const write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const { encoding, done } = optionsOf(rest);
    put(chunk, encoding);
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  const end = (...args: unknown[]): Writable => {
    const chunk = typeof args[0] === "function" ? undefined : args[0];
    const { encoding, done } = optionsOf(chunk === undefined ? args : args.slice(1));
    if (chunk !== undefined && chunk !== null) put(chunk, encoding);
    process.nextTick(() => {
      stream.emit("finish");
      done?.();
    });
    return stream;
  };
  // Child processes are given the descriptor.
  return Object.assign(stream, { fd: descriptors[name], write, end, destroy: () => stream });
}

/** The encoding of what is written, and what is to be called when it is. */
function optionsOf(args: readonly unknown[]): { encoding: BufferEncoding; done?: () => void } {
  const done = args.find((arg) => typeof arg === "function") as (() => void) | undefined;
  const encoding = args.find((arg) => typeof arg === "string");
  return { encoding: (encoding as BufferEncoding | undefined) ?? "utf8", done };
}

function bytesOf(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const received = chunk === null ? "null" : typeof chunk;
  const message = `The "chunk" argument must be a string or an ArrayBufferView, not ${received}`;
  throw Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}

/** Piece by piece, so that the kernel reads the first while the second is encoded. */
function writeText(outlet: Output, name: StreamName, text: string): void {
  for (let rest = text; rest !== "";) {
    const { read, written } = encoder.encodeInto(rest, room);
    outlet.write(name, room.subarray(0, written));
    rest = rest.slice(read);
  }
}

function isUtf8(encoding: BufferEncoding): boolean {
  return encoding === "utf8" || encoding === "utf-8";
}
