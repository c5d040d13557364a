/** Zip archives, read by fflate as a stream, which ends where an entry comes to more than the directory says. */
import { Unzip, UnzipInflate, unzipSync } from "fflate";
import { refuse } from "../util/errors";
import { mostInflated, type File } from "./files";

/** Of the archive at a time: deflate makes at most a thousandfold of it. */
const sliceBytes = 2 ** 13;
const mostEntries = 2 ** 16;
const methods = { stored: 0, deflated: 8 };

/** The files of an archive by name. Refuses a broken one, and one that comes to more than `mostInflated`. */
export function unzip(where: string, { name, bytes }: File): Map<string, Uint8Array> {
  try {
    return contentsOf(bytes, directoryOf(bytes));
  } catch (error) {
    return refuse(where, `${name} is no zip file, or a broken one (${(error as Error).message})`);
  }
}

/** The size of each entry, as the archive's directory says. */
function directoryOf(bytes: Uint8Array): Map<string, number> {
  const sizes = new Map<string, number>();
  let total = 0;
  unzipSync(bytes, {
    filter: ({ name, size, originalSize, compression }) => {
      if (sizes.has(name)) throw new Error(`it has ${name} twice`);
      if (sizes.size === mostEntries) throw new Error(`it has more than ${mostEntries} entries`);
      if (!Object.values(methods).includes(compression)) {
        throw new Error(`${name} is compressed by the method ${compression}`);
      }
      if (compression === methods.stored && size !== originalSize) throw new Error(`${name} has two sizes`);
      total += originalSize;
      if (total > mostInflated(bytes.length)) {
        throw new Error(
          `it comes to ${total} bytes and more, at most ${mostInflated(bytes.length)} are read; store it without compression, as np.savez does`,
        );
      }
      sizes.set(name, originalSize);
      return false;
    },
  });
  return sizes;
}

function contentsOf(bytes: Uint8Array, sizes: ReadonlyMap<string, number>): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const filled = new Map<string, number>();
  const stream = new Unzip((entry) => {
    const { name } = entry;
    const size = sizes.get(name);
    if (size === undefined || contents.has(name)) throw new Error(`its directory lacks an entry ${name}`);
    const content = new Uint8Array(size);
    contents.set(name, content);
    entry.ondata = (error, chunk) => {
      if (error) throw error;
      const at = filled.get(name) ?? 0;
      if (at + chunk.length > size) throw new Error(`${name} comes to more than its ${size} bytes`);
      content.set(chunk, at);
      filled.set(name, at + chunk.length);
    };
    entry.start();
  });
  stream.register(UnzipInflate);
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    stream.push(bytes.subarray(at, at + sliceBytes), at + sliceBytes >= bytes.length);
  }
  for (const [name, size] of sizes) {
    if ((filled.get(name) ?? -1) !== size) throw new Error(`${name} is not there in full`);
  }
  return contents;
}
