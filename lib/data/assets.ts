import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, SaddleError } from "../util/errors";

/** What `read` makes of a file that comes with the library. Throws a SaddleError if it is missing or damaged. */
export function fromAsset<T>(name: string, read: (bytes: Buffer) => T): T {
  const path = join(__dirname, "..", "..", "assets", "data", name);
  try {
    return read(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : describe(cause);
    throw new SaddleError(`${path} cannot be read (${reason}); install Saddle anew`, { cause });
  }
}
