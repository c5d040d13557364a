import { Writable } from "node:stream";
import type { Output } from "./outlet";

/** Makes `process.stdout` and `process.stderr`, and with them `console`, write through the outlet. */
export function captureStdio(outlet: Output): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        outlet.write(name, chunk);
        done();
      },
    });
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}
