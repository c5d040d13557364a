import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { encode as encodeJpeg } from "jpeg-js";
import fc from "fast-check";
import { zipSync } from "fflate";
import { cpu, data, withDevice } from "../../../lib";
import { idat, iend, ihdr, jpeg, npy, png, segmentsOf } from "../../support/formats";
import { bytesAsked, readOrRefused, refusalOf, tries } from "../../support/hostile";
import { editedBytes, editedParts, hostileNames, type Bytes, type Part } from "../../support/mutations";

/** Reads many files; each may ask for `perByte` times its bytes, and for `always` in any case. */
async function survives(
  files: fc.Arbitrary<Bytes>,
  read: (bytes: Bytes) => Promise<unknown>,
  { runs, perByte, always = 2 ** 17 }: { runs: number; perByte: number; always?: number },
): Promise<void> {
  let good = 0;
  const property = fc.asyncProperty(files, async (bytes) => {
    const name = `the ${bytes.length} bytes given`;
    const asked = await bytesAsked(async () => {
      if (await readOrRefused(name, () => withDevice(cpu, () => read(bytes)))) good++;
    });
    expect(asked).to.be.at.most(always + perByte * bytes.length);
  });
  await fc.assert(property, tries(runs));
  // Edits that are all refused at the first look would test little.
  expect(good).to.be.within(runs / 100, (99 * tries(runs).numRuns) / 100);
}

const arrays = [
  npy("<f4", "(2, 3)", Float32Array.of(1, 2, 3, 4, 5, 6), "True"),
  npy(">i2", "(4,)", Uint8Array.of(0, 5, 1, 2, 3, 4, 5, 6)),
  npy("<i8", "()", BigInt64Array.of(-7n)),
  npy("|b1", "(2, 0)", new Uint8Array(0)),
];
const pictures = [
  Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 255),
  Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 2, 0, 0, 128, 63, 0, 0, 0, 64),
];
const tables = ['name,x,y\n"Ada, L.",1,2.5\nBob,,-3e2\n', "a;b\r\n1;2\r\n3;4\r\n", "\ufeffk,v\n1,nan\n"].map(
  (text) => Buffer.from(text),
);

describe("data.readNpy", () => {
  it("reads any file or refuses it by name", () =>
    survives(editedBytes(...arrays), (bytes) => data.readNpy(bytes), { runs: 1500, perByte: 64 }));

  it("reads any header or refuses it by name", async () => {
    const words = ["2", "0", "-1", "1.5", "1e9", "0x10", " ", "9007199254740993", "4294967296", "True"];
    const shape = fc
      .array(fc.constantFrom(...words), { maxLength: 10 })
      .map((lengths) => `(${lengths.join(",")})`);
    const dtype = fc.constantFrom(
      "<f8",
      "<f4",
      "|u1",
      "<constructor",
      "<toString",
      "__proto__",
      "|O",
      "<U3",
      "<i8",
    );
    const files = fc.tuple(dtype, shape).map(([descr, text]) => npy(descr, text, new Uint8Array(16)));
    await survives(files, (bytes) => data.readNpy(bytes), { runs: 1500, perByte: 64 });
  });
});

describe("data.readNpz", () => {
  const archive = (level: 0 | 9) => zipSync({ "a.npy": arrays[0], "b.npy": arrays[1] }, { level });

  it("reads any archive or refuses it by name", () =>
    // A directory may promise 64 MiB before a byte is there.
    survives(editedBytes(archive(0), archive(9)), (bytes) => data.readNpz(bytes), {
      runs: 1000,
      perByte: 64,
      always: 2 ** 26 + 2 ** 17,
    }));

  it("reads archives of any arrays and names or refuses them", async () => {
    const name = fc.constantFrom(...hostileNames.map((each) => `${each}.npy`), "a", "a.npy");
    const files = fc.array(fc.tuple(name, editedBytes(...arrays)), { maxLength: 3 }).map(zipped);
    await survives(files, (bytes) => data.readNpz(bytes), { runs: 500, perByte: 64, always: 2 ** 18 });
  });

  it("refuses the name __proto__, and makes own entries of all others", async () => {
    await withDevice(cpu, async () => {
      const refusal = await refusalOf(data.readNpz(zipped([["__proto__.npy", arrays[0]]])));
      expect(refusal).to.match(/the \d+ bytes given has an entry named __proto__/);
      const read = await data.readNpz(zipped([["constructor.npy", arrays[0]]]));
      expect(Object.keys(read)).to.deep.equal(["constructor"]);
    });
  });
});

function zipped(entries: readonly (readonly [string, Bytes])[]): Bytes {
  // fflate's zipSync takes an object, where __proto__ has to be a name like others.
  return zipSync(Object.fromEntries(entries), { level: 6 });
}

describe("data.readIdx", () => {
  it("reads any file or refuses it by name", () =>
    survives(editedBytes(...pictures), (bytes) => data.readIdx(bytes), { runs: 1500, perByte: 64 }));

  it("reads what gzip has packed, or refuses it by name", async () => {
    const packed = fc.oneof(
      editedBytes(...pictures).map((bytes) => gzipSync(bytes)),
      editedBytes(...pictures.map((bytes) => gzipSync(bytes))),
    );
    await survives(packed, (bytes) => data.readIdx(bytes), { runs: 1000, perByte: 64 });
  });
});

describe("data.readCsv", () => {
  it("reads any file or refuses it by name", () =>
    survives(editedBytes(...tables), (bytes) => data.readCsv(bytes), { runs: 2000, perByte: 128 }));

  it("reads any names of columns or refuses them", async () => {
    const cell = fc.constantFrom(...hostileNames, '"', ",", "\n", "1", '"x""y"', "NaN", "\0", "é");
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const files = rows.map((lines) => Buffer.from(lines.map((line) => line.join(",")).join("\n")));
    await survives(files, (bytes) => data.readCsv(bytes), { runs: 1500, perByte: 128 });
  });

  it("refuses the name __proto__ and a name twice, and makes own entries of all others", () =>
    withDevice(cpu, async () => {
      const refused = (text: string) => refusalOf(data.readCsv(Buffer.from(text)));
      expect(await refused("__proto__,b\n1,2\n")).to.include("given has an entry named __proto__");
      expect(await refused("a,b,a\n1,2,3\n")).to.include('two columns named "a"');
      const { columns } = await data.readCsv(Buffer.from("constructor,toString\n1,2\n"));
      expect(Object.keys(columns)).to.deep.equal(["constructor", "toString"]);
    }));
});

/** Of a pixel, by PNG's colour types. */
const samples: readonly (number | undefined)[] = [1, undefined, 3, 1, 2, undefined, 4];
const colours: Part = ["PLTE", Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9)];
const pngs = [
  [ihdr(2, 2, 8, 2), idat([0, 1, 2, 3, 4, 5, 6, 1, 1, 2, 3, 4, 5, 6]), iend],
  [ihdr(5, 2, 2, 3), colours, idat([0, 0x1b, 0x40, 0, 0xe4, 0x80]), iend],
  [ihdr(3, 1, 16, 0), ["tEXt", Buffer.from("Title\0x")] as const, idat([0, 1, 2, 3, 4, 5, 6]), iend],
  [ihdr(2, 2, 8, 0, 1), idat([0, 9, 0, 8, 0, 7, 6]), iend],
  [ihdr(2, 1, 8, 6), idat([4, 1, 2, 3, 4, 5, 6, 7, 8]), iend],
];

describe("data.readImage", () => {
  const read = (bytes: Bytes) => data.readImage(bytes);

  it("reads any PNG file or refuses it by name", () =>
    survives(editedBytes(...pngs.map(png)), read, { runs: 1500, perByte: 64 }));

  it("reads PNG files of any chunks or refuses them by name", () =>
    survives(fc.oneof(...pngs.map((parts) => editedParts(parts).map(png))), read, {
      runs: 2000,
      // A thousandfold is what deflate may make of zeros.
      perByte: 2 ** 14,
    }));

  it("reads PNG files of any header or refuses them by name", async () => {
    const size = fc.constantFrom(0, 1, 2, 3, 8, 30_000, 2 ** 31, 2 ** 32 - 1);
    const kind = fc.tuple(fc.constantFrom(0, 1, 2, 4, 8, 16, 32), fc.nat(7), fc.nat(2));
    const files = fc.tuple(size, size, kind, fc.nat(60)).map(([width, height, rest, spare]) => {
      const [depth, colour] = rest;
      const rows = height * (1 + Math.ceil((width * depth * (samples[colour] ?? 1)) / 8));
      const pixels = idat(new Array<number>(rows < 1000 ? rows : spare).fill(2));
      return { width, height, bytes: png([ihdr(width, height, ...rest), colours, pixels, iend]) };
    });
    let sizes = 0;
    const property = fc.asyncProperty(files, async ({ width, height, bytes }) => {
      const image = await readOrRefused("bytes given", () => withDevice(cpu, () => read(bytes)));
      if (image === undefined) return;
      sizes++;
      expect(image.value.shape.slice(1)).to.deep.equal([height, width]);
      for (const value of await image.value.data()) expect(value).to.be.within(0, 1);
    });
    await fc.assert(property, tries(1500));
    expect(sizes).to.be.greaterThan(20);
  });

  const photograph = (width: number, height: number) => {
    const pixels = Uint8Array.from({ length: 4 * width * height }, (_, i) => (i * 37) % 256);
    return encodeJpeg({ width, height, data: pixels }, 60).data;
  };
  const jpegs = [photograph(8, 8), photograph(20, 17)];
  const perByte = 2 ** 15;

  it("reads any JPEG file or refuses it by name", () =>
    survives(editedBytes(...jpegs), read, { runs: 1200, perByte }));

  it("reads JPEG files of any segments or refuses them by name", () =>
    survives(fc.oneof(...jpegs.map((bytes) => editedParts(segmentsOf(bytes)).map(jpeg))), read, {
      runs: 800,
      perByte,
    }));
});

describe("data.imageFolder and readImages", () => {
  const folder = mkdtempSync(join(tmpdir(), "saddle-hostile-"));
  const inside = join(folder, "class");
  mkdirSync(inside);
  after(() => rmSync(folder, { recursive: true }));

  it("read a folder of any files or refuse it by the name of one", async () => {
    const file = join(inside, "one.png");
    await fc.assert(
      fc.asyncProperty(editedParts(pngs[0]), async (parts) => {
        writeFileSync(file, png(parts));
        const batch = async () => (await data.imageFolder(folder, { size: 2 })).batch(Int32Array.of(0));
        await readOrRefused(file, () => withDevice(cpu, batch));
        await readOrRefused(file, () => withDevice(cpu, () => data.readImages(inside)));
      }),
      tries(200),
    );
  });

  it("refuse a picture so narrow that it would fill the memory when it is scaled", async () => {
    const file = join(inside, "one.png");
    writeFileSync(file, png([ihdr(1, 60_000, 8, 0), idat(new Uint8Array(120_000)), iend]));
    const source = await data.imageFolder(folder, { size: 224 });
    const batch = async () => source.batch(Int32Array.of(0));
    const error = await refusalOf(withDevice(cpu, batch));
    expect(error).to.include(file).and.to.include("1 × 60000 pixels");
  });
});
