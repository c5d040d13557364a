import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import sharp, { type Sharp } from "sharp";
import { photographs, readImage, readImages, writeImage } from "../../../lib/data";
import { cpu, tensor, withDevice, type Tensor } from "../../../lib/tensor";
import { idat, iend, ihdr, jpeg, png, segmentsOf } from "../../support/formats";
import type { Part } from "../../support/mutations";

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => (error as Error).message,
  );
}

describe("images in files", () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const colours = (): Tensor =>
    tensor(
      Float64Array.from({ length: 60 }, (_, i) => i / 59),
      { shape: [3, 4, 5] },
    );

  before(() => (folder = mkdtempSync(join(tmpdir(), "saddle-images-"))));
  after(() => rmSync(folder, { recursive: true }));

  const onCpu =
    <T>(work: () => Promise<T>) =>
    (): Promise<T> =>
      withDevice(cpu, work);

  it("come back from PNG to half a step of a byte", onCpu(async () => {
    await writeImage(path("a.png"), colours());
    const image = await readImage(path("a.png"));
    expect(image.shape).to.deep.equal([3, 4, 5]);
    expect(await image.sub(colours()).abs().max().item()).to.be.at.most(0.5 / 255 + 1e-9);
  })); // prettier-ignore

  it("come back from JPEG nearly, grey ones in three channels", onCpu(async () => {
    await writeImage(path("b.jpg"), tensor(new Float64Array(64).fill(0.5), { shape: [8, 8] }));
    const image = await readImage(path("b.jpg"));
    expect(image.shape).to.deep.equal([3, 8, 8]);
    expect(await image.sub(0.5).abs().max().item()).to.be.below(0.01);
  })); // prettier-ignore

  it("may be grey, of 16 bits, indexed, or transparent", onCpu(async () => {
    const read = async (png: Parameters<typeof encode>[0]) => readImage(encode(png));
    const grey = await read({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0, 255) });
    expect(await grey.array()).to.deep.equal([[[0, 1]]]);
    const deep = await read({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(13107) });
    expect(await deep.item()).to.be.closeTo(0.2, 1e-7);
    const clear = await read({ width: 1, height: 1, channels: 4, depth: 8, data: Uint8Array.of(255, 0, 51, 9) });
    expect((await clear.data()).map((v) => Math.round(v * 5))).to.deep.equal(Float64Array.of(5, 0, 1));
  })); // prettier-ignore

  it("may have few bits a sample, and a palette that colours do not need", onCpu(async () => {
    const grey = async (depth: number, ...row: number[]) =>
      (await readImage(png([ihdr(3, 1, depth, 0), idat([0, ...row]), iend]))).array();
    expect(await grey(1, 0b10100000)).to.deep.equal([[[1, 0, 1]]]);
    expect((await grey(2, 0b00011100)).toString()).to.equal(
      (await tensor([[[0, Math.fround(1 / 3), 1]]]).array()).toString(),
    );
    expect(await grey(4, 0xf0, 0xf0)).to.deep.equal([[[1, 0, 1]]]);
    const suggested = png([ihdr(1, 1, 8, 2), ["PLTE", Uint8Array.of(9, 9, 9)], idat([0, 255, 0, 51]), iend]);
    expect(Array.from(await (await readImage(suggested)).data())).to.deep.equal([1, 0, Math.fround(0.2)]);
  })); // prettier-ignore

  const [width, height] = [37, 29];
  const photograph = sharp(
    Buffer.from(
      Array.from({ length: 3 * width * height }, (_, i) => (i * 7 + Math.floor(i / 111) * 11) % 256),
    ),
    { raw: { width, height, channels: 3 } },
  );
  const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
    "PNG": (image) => image.png(),
    "interlaced PNG": (image) => image.png({ progressive: true }),
    "interlaced PNG of 16 bits": (image) => image.toColourspace("rgb16").png({ progressive: true }),
    "PNG of a palette": (image) => image.png({ palette: true }),
    "PNG of a palette of 2 bits": (image) => image.png({ palette: true, colours: 4 }),
    "transparent PNG": (image) => image.ensureAlpha(0.5).png(),
    "JPEG of full colours": (image) => image.jpeg({ chromaSubsampling: "4:4:4" }),
    "progressive JPEG": (image) => image.jpeg({ progressive: true, chromaSubsampling: "4:4:4" }),
    "JPEG of scans made small": (image) => image.jpeg({ mozjpeg: true, chromaSubsampling: "4:4:4" }),
    "grey JPEG": (image) => image.toColourspace("b-w").jpeg(),
    "JPEG of a camera": (image) => image.withMetadata().jpeg({ chromaSubsampling: "4:4:4" }),
  }; // prettier-ignore
  for (const [kind, encoder] of Object.entries(encoders)) {
    it(`are what libvips reads, as of this kind: ${kind}`, onCpu(async () => {
      const bytes = await encoder(photograph.clone()).toBuffer();
      const image = await readImage(bytes);
      const { data, info } = await sharp(bytes).removeAlpha().toColourspace("srgb").raw()
        .toBuffer({ resolveWithObject: true });
      const values = await image.data();
      expect(values.length / (width * height)).to.be.oneOf([1, 3]);
      // Decoders of JPEG round in other places.
      const slack = kind.includes("JPEG") ? 4 : 1;
      values.forEach((value, i) => {
        const [plane, pixel] = [Math.floor(i / (width * height)), i % (width * height)];
        expect(255 * value).to.be.closeTo(data[pixel * info.channels + Math.min(plane, info.channels - 1)], slack);
      });
    })); // prettier-ignore
  }

  it("may be JPEG of scans with restarts, but of no more than its blocks take", onCpu(async () => {
    const halves = [10, 200].map((grey) => {
      const pixels = Uint8Array.from({ length: 4 * 64 }, (_, i) => grey + (i % 40));
      return encodeJpeg({ width: 8, height: 8, data: pixels }, 80).data;
    });
    const [first, second] = halves.map(segmentsOf);
    const wide = first.map(([kind, bytes]): Part => [kind, kind === "\xc0" ? Uint8Array.from(bytes).fill(16, 4, 5) : bytes]);
    const [[sos, scan], coded] = [wide.pop()!, second.at(-1)![1].subarray(10)];
    const restarted = (times: number) => jpeg([
      ...wide,
      ["\xdd", Uint8Array.of(0, 1)],
      [sos, Buffer.concat([scan, ...new Array<Uint8Array[]>(times).fill([Uint8Array.of(0xff, 0xd0), coded]).flat()])],
    ]);
    const image = await readImage(restarted(1));
    for (const [i, half] of halves.entries()) {
      const part = image.slice([0, 0, 8 * i], [3, 8, 8 * i + 8]);
      expect(await part.array()).to.deep.equal(await (await readImage(half)).array());
    }
    expect(await messageOf(readImage(restarted(2)))).to.include("a scan has 2 restarts, at most 1 are wanted");
  })); // prettier-ignore

  it("are read from folders, in the order of their names", onCpu(async () => {
    writeFileSync(path("notes.txt"), "no image");
    await writeImage(path("c.jpeg"), colours());
    const found = await readImages(folder);
    expect(found.map(({ name }) => name)).to.deep.equal(["a.png", "b.jpg", "c.jpeg"]);
    expect((await readImages([path("a.png"), readFileSync(path("b.jpg")), colours()])).map(({ name }) => name))
      .to.deep.equal([path("a.png"), "image 1", "image 2"]);
  })); // prettier-ignore

  it("are tensors of one, of one with channels, or of many, as floats or bytes", onCpu(async () => {
    const shapes = async (x: Tensor) => (await readImages(x)).map(({ image }) => image.shape);
    expect(await shapes(tensor([[0, 1]]))).to.deep.equal([[1, 1, 2]]);
    expect(await shapes(colours())).to.deep.equal([[3, 4, 5]]);
    expect(await shapes(colours().reshape([1, 3, 4, 5]).tile([2, 1, 1, 1]))).to.deep.equal([[3, 4, 5], [3, 4, 5]]);
    const [bytes] = await readImages(tensor(Uint8Array.of(0, 255, 51), { shape: [1, 3] }));
    expect(await bytes.image.array()).to.deep.equal([[[0, 1, 0.2]]]);
  })); // prettier-ignore

  it("that are missing, broken or of another kind are errors that name them", async () => {
    expect(await messageOf(readImage(path("none.png")))).to.match(/none\.png cannot be read .*no such file/);
    writeFileSync(path("text.png"), "no image");
    expect(await messageOf(readImage(path("text.png")))).to.match(/text\.png is neither a PNG nor a JPEG/);
    for (const name of ["a.png", "b.jpg"]) {
      const bytes = readFileSync(path(name));
      writeFileSync(path(`cut-${name}`), bytes.subarray(0, Math.floor(bytes.length / 2)));
      expect(await messageOf(readImage(path(`cut-${name}`)))).to.match(/cut-\w\.\w+ is a broken (PNG|JPEG)/);
    }
    expect(await messageOf(readImages([]))).to.contain("no image in an empty array");
    expect(await messageOf(readImages([3] as never))).to.contain(
      "images[0] must be a path, bytes or a tensor",
    );
    expect(await messageOf(writeImage(path("a.gif"), 1))).to.contain("a.gif must end in .png, .jpg, .jpeg");
  });

  it("with wrong channels or values are refused", onCpu(async () => {
    const refused = async (x: Tensor) => messageOf(readImages(x));
    expect(await refused(colours().reshape([2, 6, 5]))).to.contain("1 or 3 channels, got 2 in shape [2, 6, 5]");
    expect(await refused(colours().reshape([60]))).to.contain("[H, W], [C, H, W] or [N, C, H, W], got [60]");
    expect(await refused(colours().mul(255))).to.contain("from 0 to 1, got 0 to 255; divide bytes by 255");
    expect(await refused(colours().sub(0.5))).to.contain("from 0 to 1, got -0.5 to 0.5");
    expect(await refused(tensor([[300]], { dtype: "int32" }))).to.contain("from 0 to 255, got 300 to 300");
  })); // prettier-ignore
});

describe("data.photographs", () => {
  it("gives four photographs in colour", async () => {
    const { images, originals, labels, classes } = withDevice(cpu, photographs);
    expect(images.shape).to.deep.equal([4, 3, 256, 256]);
    expect(originals.map(({ shape }) => shape.slice(0, 2))).to.deep.equal(new Array(4).fill([3, 256]));
    expect(Array.from(await labels.data())).to.deep.equal([0, 1, 2, 3]);
    expect(classes).to.include("chelsea");
    const means = await images.mean([1, 2, 3]).data();
    for (const mean of means) expect(mean).to.be.within(0.2, 0.7);
  });
});
