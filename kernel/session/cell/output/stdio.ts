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

/** As Node's own, it outlives whoever ends or destroys it: the next cell prints. */
function standardStream(outlet: Output, name: StreamName): Writable {
  const stream = new Writable({
    decodeStrings: false,
    autoDestroy: false,
    emitClose: false,
    write(chunk: Buffer | string, encoding, done) {
      if (typeof chunk !== "string") outlet.write(name, chunk);
      else if (isUtf8(encoding)) writeText(outlet, name, chunk);
      else outlet.write(name, Buffer.from(chunk, encoding));
      done();
    },
  });
  const end = (...args: unknown[]): Writable => {
    const done = args.find((arg) => typeof arg === "function") as (() => void) | undefined;
    const [chunk, encoding] = args.filter((arg) => arg !== done) as [unknown, BufferEncoding | undefined];
    if (chunk !== undefined && chunk !== null) stream.write(chunk, encoding ?? "utf8");
    process.nextTick(() => {
      stream.emit("finish");
      done?.();
    });
    return stream;
  };
  // Child processes are given the descriptor.
  return Object.assign(stream, { fd: descriptors[name], end, destroy: () => stream });
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
