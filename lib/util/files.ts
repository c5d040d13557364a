import { readFile } from "node:fs/promises";
import { describe, refuse } from "./errors";

/** The bytes of a file. Refuses one that cannot be read, by name. */
export async function readBytes(where: string, path: string): Promise<Uint8Array> {
  if (typeof path !== "string" || path === "") {
    return refuse(where, `path must be a file's name, got ${describe(path)}`);
  }
  return readFile(path).catch((error: unknown) =>
    refuse(where, `${path} cannot be read (${(error as Error).message})`),
  );
}
