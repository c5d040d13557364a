import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { zipSync } from "fflate";
import { cpu, data, full, withDevice } from "../../../lib";
import { npy } from "../../support/formats";

const onCpu = (name: string, body: () => Promise<void>) => it(name, () => withDevice(cpu, body));

async function refused(work: Promise<unknown>, message: string): Promise<void> {
  const error = await work.catch((e: unknown) => e as Error);
  expect(error).to.be.instanceOf(Error);
  expect((error as Error).message).to.include(message);
}

describe("data.readNpy and readNpz", () => {
  onCpu("read NumPy's arrays of any byte and axis order", async () => {
    const floats = await data.readNpy(npy("<f8", "(2, 3)", Float64Array.of(1, 2, 3, 4, 5, 6.5)));
    expect(await floats.array()).to.deep.equal([
      [1, 2, 3],
      [4, 5, 6.5],
    ]);
    const fortran = await data.readNpy(npy("<f4", "(2, 3)", Float32Array.of(1, 2, 3, 4, 5, 6), "True"));
    expect(await fortran.array()).to.deep.equal([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    const big = await data.readNpy(npy(">i2", "(2,)", Uint8Array.of(0, 5, 0xff, 0xff)));
    expect([big.dtype, await big.array()]).to.deep.equal(["int32", [5, -1]]);
    const long = await data.readNpy(npy("<i8", "()", BigInt64Array.of(-7n)));
    expect([long.dtype, await long.item()]).to.deep.equal(["int32", -7]);
    const truth = await data.readNpy(npy("|b1", "(2,)", Uint8Array.of(1, 0)));
    expect(await truth.array()).to.deep.equal([true, false]);
    const half = await data.readNpy(npy("<f2", "(3,)", Uint16Array.of(0x3c00, 0xc100, 0x0001)));
    expect(await half.array()).to.deep.equal([1, -2.5, 2 ** -24]);
  });

  onCpu("read archives of them", async () => {
    const bytes = zipSync({
      "a.npy": npy("<i4", "(1,)", Int32Array.of(4)),
      "b.npy": npy("<f4", "()", Float32Array.of(2)),
    });
    const { a, b } = await data.readNpz(bytes);
    expect([await a.array(), await b.item()]).to.deep.equal([[4], 2]);
  });

  onCpu(
    "read archives that were written to a stream, whose sizes stand behind what they are of",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "saddle-npz-"));
      const content = Float64Array.from({ length: 5000 }, (_, i) => Math.sqrt(i));
      writeFileSync(join(folder, "a.npy"), npy("<f8", "(5000,)", content));
      const program = `
import sys, zipfile
class Stream:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): pass
for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)]:
    with open(sys.argv[1] + "/" + name + ".npz", "wb") as file, zipfile.ZipFile(Stream(file), "w", method) as archive:
        for entry in ["a.npy", "b.npy"]:
            with archive.open(entry, "w", force_zip64=True) as out: out.write(open(sys.argv[1] + "/a.npy", "rb").read())
`;
      execFileSync("python3", ["-c", program, folder]);
      for (const name of ["stored", "deflated"]) {
        const { a, b } = await data.readNpz(join(folder, `${name}.npz`));
        expect(await a.data()).to.deep.equal(content);
        expect(await b.data()).to.deep.equal(content);
      }
    },
  );

  onCpu("take every byte but 0 for true, as NumPy does", async () => {
    const truth = await data.readNpy(npy("|b1", "(3,)", Uint8Array.of(2, 0, 255)));
    expect([await truth.array(), await truth.sum().item()]).to.deep.equal([[true, false, true], 2]);
  });

  onCpu("refuse what is none, naming it", async () => {
    await refused(data.readNpy(Uint8Array.of(1, 2, 3)), "the 3 bytes given is no .npy file");
    await refused(data.readNpy("/nowhere.npy"), "/nowhere.npy cannot be read");
    await refused(data.readNpy(npy("<U3", "(1,)", Uint32Array.of(1, 2, 3))), "has dtype <U3");
    await refused(data.readNpy(npy("<f8", "(9,)", Float64Array.of(1))), "ends early");
    await refused(data.readNpy(npy("<i8", "()", BigInt64Array.of(2n ** 40n))), "does not fit into int32");
    await refused(data.readNpz(Uint8Array.of(1)), "is no zip file");
  });
});

describe("data.readIdx", () => {
  const images = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 255);

  onCpu("reads MNIST's format, compressed or not", async () => {
    for (const bytes of [images, gzipSync(images)]) {
      expect(await (await data.readIdx(bytes)).array()).to.deep.equal([
        [1, 2],
        [3, 255],
      ]);
    }
    await refused(data.readIdx(images.subarray(0, 14)), "ends early");
    await refused(data.readIdx(Uint8Array.of(1, 0, 8, 1)), "is no idx file");
    await refused(data.readIdx(Buffer.concat([images, images])), "has 16 bytes behind its numbers");
  });

  onCpu("is how Fashion-MNIST is read, from Debian's package or a folder of its files", async () => {
    const folder = mkdtempSync(join(tmpdir(), "saddle-fashion-"));
    const header = (...lengths: number[]) => [
      0,
      0,
      8,
      lengths.length,
      ...lengths.flatMap((n) => [0, 0, 0, n]),
    ];
    for (const part of ["train", "t10k"]) {
      const pixels = Uint8Array.of(...header(2, 1, 2), 0, 51, 102, 255);
      writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(pixels));
      writeFileSync(
        join(folder, `${part}-labels-idx1-ubyte.gz`),
        gzipSync(Uint8Array.of(...header(2), 9, 0)),
      );
    }
    const { train, test } = await data.fashionMnist({ folder });
    const { images } = await train.batch(Int32Array.of(1, 0));
    (await images.data()).forEach((v, i) => expect(v).to.be.closeTo([0.4, 1, 0, 0.2][i], 1e-6));
    expect(images.shape).to.deep.equal([2, 1, 1, 2]);
    expect(Array.from(test.labels)).to.deep.equal([9, 0]);
    for await (const { labels } of data.loader(test, { batchSize: 2 })) {
      expect(await labels.array()).to.deep.equal([9, 0]);
    }
    const labels = join(folder, "t10k-labels-idx1-ubyte.gz");
    for (const wrong of [Uint8Array.of(...header(1), 9), Uint8Array.of(...header(2), 10, 0)]) {
      writeFileSync(labels, gzipSync(wrong));
      await refused(
        data.fashionMnist({ folder }),
        `${labels} must hold a label below 10 for each of 2 images`,
      );
    }
    await refused(data.fashionMnist({ folder: "/nowhere" }), "apt-get install dataset-fashion-mnist");
  });
});

describe("data.readCsv", () => {
  onCpu("reads columns of numbers and of texts, quoted ones too", async () => {
    const text = 'name,x,y\n"Ada, L.",1,2.5\nBob,,-3e2\n';
    const { names, columns, values } = await data.readCsv(Buffer.from(text));
    expect(names).to.deep.equal(["name", "x", "y"]);
    expect(columns["name"]).to.deep.equal(["Ada, L.", "Bob"]);
    expect(await values.array()).to.deep.equal([
      [1, 2.5],
      [NaN, -300],
    ]);
    const plain = await data.readCsv(Buffer.from("1;2\n3;4"), { header: false, delimiter: ";" });
    expect(await plain.values.array()).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
  });

  onCpu("refuses ragged and empty files", async () => {
    await refused(data.readCsv(Buffer.from("a,b\n1\n")), "line 2");
    await refused(data.readCsv(Buffer.from("")), "is empty");
    await refused(data.readCsv(Buffer.from("a,b\n")), "has no rows of data");
  });
});

describe("data.imageFolder", () => {
  onCpu("takes subfolders for classes and reads their images when a loader asks", async () => {
    const folder = mkdtempSync(join(tmpdir(), "saddle-images-"));
    for (const [name, value] of [
      ["cats", 1],
      ["dogs", 0],
    ] as const) {
      mkdirSync(join(folder, name));
      await data.writeImage(join(folder, name, "1.png"), full([6, 4], value));
    }
    const source = await data.imageFolder(folder, { size: 2 });
    expect(source.classes).to.deep.equal(["cats", "dogs"]);
    for await (const { images, labels } of data.loader(source, { batchSize: 2 })) {
      expect(images.shape).to.deep.equal([2, 3, 2, 2]);
      expect(await images.mean([1, 2, 3]).array()).to.deep.equal([1, 0]);
      expect(await labels.array()).to.deep.equal([0, 1]);
    }
    await refused(data.imageFolder("/nowhere", { size: 2 }), "/nowhere cannot be read");
    await refused(data.imageFolder(join(folder, "cats"), { size: 2 }), "has no subfolders");
  });
});

describe("data.digits5000", () => {
  onCpu("has 500 pictures of each digit, right side up", async () => {
    const { images, labels, classes } = data.digits5000();
    expect(images.shape).to.deep.equal([5000, 1, 20, 20]);
    expect(classes).to.deep.equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    const ink = await images.mean().item();
    expect(ink).to.be.within(0.1, 0.3);
    const labelled = await labels.data();
    expect([labelled[499], labelled[500], labelled[4999]]).to.deep.equal([0, 1, 9]);
    // A one is a stroke: its ink lies in few columns; a zero has a hole.
    const middle = (first: number) =>
      images
        .slice([first, 0, 8, 8], [first + 500, 1, 12, 12])
        .mean()
        .item();
    expect(await middle(500)).to.be.greaterThan(3 * (await middle(0)));
  });
});
