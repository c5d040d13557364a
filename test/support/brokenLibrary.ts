/** Copies of a real library in which routines do not do what they should. */
import { copyFileSync, openSync, closeSync, readFileSync, writeSync } from "node:fs";

/** The file that a loaded library came from; undefined where it is not loaded, or the system does not tell. */
export function loadedFrom(name: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  const maps = readFileSync("/proc/self/maps", "utf8");
  return maps
    .split("\n")
    .map((line) => line.slice(line.indexOf("/")))
    .find((path) => path.includes(`/${name.replace(/\.so.*$/, "")}`));
}

const instructions: Readonly<
  Partial<Record<NodeJS.Architecture, Record<"return" | "crash", readonly number[]>>>
> = {
  x64: { return: [0xc3], crash: [0x0f, 0x0b] },
  arm64: { return: [0xc0, 0x03, 0x5f, 0xd6], crash: [0, 0, 0, 0] },
};

/** Writes a copy of `library`, whose routine `symbol` returns at once, or crashes; false where that cannot be done here. */
export function breakLibrary(
  library: string,
  copy: string,
  symbol: string,
  how: "return" | "crash",
): boolean {
  const code = instructions[process.arch]?.[how];
  const place = code && placeOf(readFileSync(library), symbol);
  if (place === undefined) return false;
  copyFileSync(library, copy);
  const file = openSync(copy, "r+");
  writeSync(file, Uint8Array.from(code!), 0, code!.length, place);
  closeSync(file);
  return true;
}

/** Where in an ELF file of 64 bits the code of a function begins. */
function placeOf(file: Buffer, symbol: string): number | undefined {
  const word = (at: number): number => Number(file.readBigUInt64LE(at));
  const [table, size, count] = [word(40), file.readUInt16LE(58), file.readUInt16LE(60)];
  const sections = Array.from({ length: count }, (_, i) => {
    const at = table + i * size;
    const [type, link] = [file.readUInt32LE(at + 4), file.readUInt32LE(at + 40)];
    return { type, link, address: word(at + 16), offset: word(at + 24), size: word(at + 32) };
  });
  const dynamicSymbols = 11;
  const symbols = sections.find(({ type }) => type === dynamicSymbols);
  if (symbols === undefined) return undefined;
  const names = sections[symbols.link].offset;
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
    const start = names + file.readUInt32LE(at);
    if (file.toString("latin1", start, file.indexOf(0, start)) !== symbol) continue;
    const address = word(at + 8);
    const home = sections.find((s) => s.address <= address && address < s.address + s.size);
    if (home !== undefined) return home.offset + address - home.address;
  }
  return undefined;
}
