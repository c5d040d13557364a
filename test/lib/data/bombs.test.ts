import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { zipSync } from "fflate";
import { encode as encodeJpeg } from "jpeg-js";
import { idat, iend, ihdr, jpeg, npy, png, safetensors, segmentsOf } from "../../support/formats";
import type { Bytes, Part } from "../../support/mutations";
import type { Reading } from "../../support/readHostile";

const MiB = 2 ** 20;
const zeros = (length: number) => Buffer.alloc(length);
const gzip = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 });
/** Gzip's members can be put behind each other. */
const gzipOften = (bytes: Uint8Array, times: number) =>
  Buffer.concat(new Array<Buffer>(times).fill(gzip(bytes)));

const segments = segmentsOf(
  encodeJpeg({ width: 8, height: 8, data: new Uint8Array(256).fill(128) }, 50).data,
);
/** The JPEG file with other bytes from `at` on of what its frame says. */
function framed(at: number, ...changed: number[]): Bytes {
  return jpeg(
    segments.map(([kind, bytes]): Part => {
      if (kind !== "\xc0") return [kind, bytes];
      const copy = Uint8Array.from(bytes);
      copy.set(changed, at);
      return [kind, copy];
    }),
  );
}

function scans(count: number): Bytes {
  const scan = segments.at(-1)!;
  return jpeg([...segments, ...new Array<Part>(count).fill(scan)]);
}

/** An archive of `length` bytes whose directory says that they come to `size`. */
function lyingZip(length: number, size: number): Bytes {
  const archive = Buffer.from(zipSync({ "a.npy": zeros(length) }));
  archive.writeUInt32LE(size, archive.lastIndexOf("PK\x01\x02") + 24);
  return archive;
}

const profile = deflateSync(zeros(200 * MiB), { level: 1 });
/** Without a profile that is as large, it is read. */
const profiled = png([
  ihdr(1, 1, 8, 0),
  ["iCCP", Buffer.concat([Buffer.from("p\0\0"), profile])],
  idat([0, 7]),
  iend,
]);

const unseen = "which is not looked at";

const bombs: readonly (readonly [what: string, reader: string, bytes: Bytes, said: string])[] = [
  ["a PNG file of 30,000 × 30,000 pixels", "image", png([ihdr(30_000, 30_000, 8, 2), idat([0]), iend]), "too large: it has 30000 × 30000"],
  ["a PNG file of many bytes a pixel", "image", png([ihdr(8000, 8000, 16, 6), idat([0]), iend]), "too large: its pixels take 512000000 bytes"],
  ["a PNG file of fewer pixels than it says", "image", png([ihdr(8000, 8000, 8, 2), idat([0]), iend]), "it has 1 bytes of pixels"],
  ["a PNG file of more pixels than it says", "image", png([ihdr(1, 1, 8, 0), ["IDAT", profile], iend]), "broken PNG file"],
  ["a PNG file of a profile that comes to 200 MiB", "image", profiled, unseen],
  ["a JPEG file of 65,535 × 65,535 pixels", "image", framed(1, 255, 255, 255, 255), "too large: it has 65535 × 65535"],
  ["a JPEG file of more pixels than it can hold", "image", framed(1, 31, 64, 31, 64), "8000 × 8000 pixels take more than"],
  ["a JPEG file of no width", "image", framed(1, 255, 255, 0, 0), "0 × 65535"],
  ["a JPEG file of large sampling factors", "image", framed(7, 0xff), "sampling factors 15 and 15"],
  ["a JPEG file of very many scans", "image", scans(200), "more than 100 scans"],
  ["a gzip file that comes to 200 MiB", "idx", gzipOften(zeros(20 * MiB), 10), "comes to more than 67108864 bytes"],
  ["a gzip file of 60 million cells", "csv", gzip(Buffer.alloc(60 * MiB, ",")), "at most 4194304 are read"],
  ["a zip file that comes to 200 MiB", "npz", zipSync({ a: zeros(50 * MiB), b: zeros(50 * MiB) }), "it comes to 104857600 bytes and more"],
  ["a zip file that says it comes to 4 GB", "npz", lyingZip(100, 2 ** 32 - 2), "it comes to 4294967294 bytes"],
  ["a zip file that comes to more than it says", "npz", lyingZip(50 * MiB, 100), "a.npy comes to more than its 100 bytes"],
  ["a .npy file of 2^40 numbers", "npy", npy("<f8", "(1048576, 1048576)", zeros(8)), "ends early"],
  ["a .npy file of a long header", "npy", Buffer.concat([npy("<f8", "()", zeros(8)).subarray(0, 6), Uint8Array.of(2, 0, 255, 255, 255, 0)]), "at most 10000 are read"],
  ["an idx file of 2^32 numbers", "idx", Uint8Array.of(0, 0, 14, 1, 255, 255, 255, 255, 0), "ends early"],
  ["a safetensors file of 2^62 numbers", "load", safetensors({ a: { dtype: "F32", shape: [2 ** 31, 2 ** 31], data_offsets: [0, 0] } }), "has 0 bytes, but shape"],
  ["a safetensors file of 2^60 bytes of header", "load", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16, 123, 125), "ends early"],
  ["a safetensors file of a million levels", "load", safetensors(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`), "nests deeper than 512 levels"],
  ["a safetensors file of names of a million parts", "load", safetensors({ ["a.".repeat(1e6)]: { dtype: "F32", shape: [0], data_offsets: [0, 0] } }), "nests deeper than 250 levels"],
  ["a notebook of a million levels", "notebook", Buffer.from(`{"nbformat":4,"metadata":${"[".repeat(1e6)}${"]".repeat(1e6)}}`), "nests deeper than 512 levels"],
]; // prettier-ignore

describe("the memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "saddle-bombs-"));
  let readings: Reading[] = [];
  after(() => rmSync(folder, { recursive: true }));

  before(() => {
    const files = bombs.map(([, reader, bytes], i) => {
      const path = join(folder, String(i));
      writeFileSync(path, bytes);
      return `${reader}=${path}`;
    });
    const program = join(__dirname, "..", "..", "support", "readHostile.js");
    // The heap that each reader has is a small one: to run out of it ends the process.
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--max-old-space-size=128", program, ...files],
      { encoding: "utf8", maxBuffer: 64 * MiB },
    );
    expect(status, stderr).to.equal(0);
    readings = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Reading);
  });

  bombs.forEach(([what, , , said], i) => {
    it(`is not filled by ${what}`, () => {
      const { error, message, asked, grown } = readings[i];
      expect(error, message).to.equal(said === unseen ? "" : "ArgumentError");
      if (said !== unseen)
        expect(message)
          .to.include(said)
          .and.to.include(join(folder, String(i)));
      expect(asked).to.be.below(80 * MiB);
      expect(grown).to.be.below(200 * MiB);
    });
  });
});
