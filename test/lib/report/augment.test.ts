import { expect } from "chai";
import { decode } from "fast-png";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import * as augment from "../../../lib/augment";
import { report } from "../../../lib";
import type { AugmentNumbers, AugmentOptions } from "../../../lib/report";
import { cpu, random, tensor, withDevice, type Tensor } from "../../../lib/tensor";
import { displayKey } from "../../../lib/util/frontend";
import type { Report } from "../../../lib/viz";
import { pageHtml } from "../../../lib/viz/page";

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
const picture = (shape: number[]): Tensor => onCpu(() => random.uniform(random.key(1), shape));

type Gallery = Report<AugmentNumbers>;

function show(images: Parameters<typeof report.augment>[0], options: AugmentOptions = {}): Promise<Gallery> {
  return onCpu(() => report.augment(images, options));
}

function htmlOf(gallery: Gallery): string {
  return gallery[displayKey]()["text/html"] as string;
}

/** The pictures in the HTML, decoded: rows of bytes, channels last. */
function picturesIn(html: string): { alt: string; width: number; height: number; data: ArrayLike<number> }[] {
  const images = html.matchAll(/<img src="data:image\/png;base64,([^"]+)" alt="([^"]*)">/g);
  return [...images].map(([, base64, alt]) => ({ alt, ...decode(Buffer.from(base64, "base64")) }));
}

/** The titles of the strips. */
function stripsIn(html: string): string[] {
  return [...html.matchAll(/<h4>([^<]*: [^<]* from [^<]*)<\/h4>/g)].map(([, title]) => title);
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => (error as Error).message,
  );
}

describe("report.augment", () => {
  it("shows the original beside seeded variants that can be drawn again", async () => {
    const image = picture([3, 10, 12]);
    const gallery = await show(image, { ops: ["hflip", "rotate"], n: 3, seed: 40 });
    const { variants, transform } = gallery.numbers;
    expect(variants.map(({ seed }) => seed)).to.deep.equal([40, 41, 42]);
    const images = image.expandDims(0);
    for (const variant of variants) {
      const again = onCpu(() => augment.run(transform, random.key(variant.seed), { images }));
      expect(await again.images.data()).to.deep.equal(await variant.images.data());
      expect(await onCpu(() => transform.apply(variant.params, images)).data()).to.deep.equal(
        await variant.images.data(),
      );
    }
    expect(String(gallery)).to.match(
      /image 0 +41 +randomHorizontalFlip: flip (true|false); randomRotation: angle −?\d/,
    );
  });

  it("holds each variant as a PNG of its pixels, with its parameters in words", async () => {
    const gallery = await show(picture([3, 6, 5]), { ops: ["brightness"], n: 2 });
    const pictures = picturesIn(htmlOf(gallery));
    const second = pictures.find(({ alt }) => alt.includes("seed 1"))!;
    const values = await gallery.numbers.variants[1].images.data();
    expect([second.width, second.height]).to.deep.equal([5, 6]);
    for (let i = 0; i < 90; i++) {
      const [channel, pixel] = [Math.floor(i / 30), i % 30];
      expect(second.data[3 * pixel + channel]).to.be.closeTo(255 * values[i], 0.5 + 1e-9);
    }
    const { brightness } = gallery.numbers.variants[1].draw["colorJitter"] as { brightness: number[] };
    expect(second.alt).to.contain(`brightness ${Number(brightness[0].toPrecision(6))}`);
  });

  it("draws the part of the original that a crop shows", async () => {
    const gallery = await show(picture([1, 20, 20]), { transform: augment.randomCrop(10), n: 1 });
    const { top, left } = gallery.numbers.variants[0].draw as Record<string, number[]>;
    const polygon = /<polygon points="([^"]+)"/
      .exec(htmlOf(gallery))![1]
      .split(" ")
      .map((p) => p.split(",").map(Number));
    expect(polygon[0][0]).to.be.closeTo(left[0], 0.02);
    expect(polygon[0][1]).to.be.closeTo(top[0], 0.02);
    expect(polygon[2][0]).to.be.closeTo(left[0] + 10, 0.02);
    expect(polygon[2][1]).to.be.closeTo(top[0] + 10, 0.02);
  });

  it("shows what each number that is drawn changes, over the range that it is drawn from", async () => {
    const html = htmlOf(await show(picture([3, 9, 9]), { ops: ["rotate", "contrast"], n: 1 }));
    expect(stripsIn(html)).to.deep.equal([
      "randomRotation: angle from −30° to 30°",
      "colorJitter: contrast from 0.5 to 1.5",
    ]);
    const maps = picturesIn(html).filter(({ alt }) => alt.startsWith("Where angle"));
    expect(maps).to.have.length(5);
    const unchanged = maps.find(({ alt }) => alt.includes("angle 0°"))!;
    expect(Math.max(...Array.from(unchanged.data))).to.equal(0);
  });

  const cases: Record<string, [() => augment.Transform, string[]]> = {
    brightness: [() => augment.colorJitter({ brightness: 0.4 }), ["colorJitter: brightness from 0.6 to 1.4"]],
    "a range of hues": [
      () => augment.colorJitter({ hue: [0.1, 0.3], saturation: 2 }),
      ["colorJitter: saturation from 0 to 3", "colorJitter: hue from 0.1 to 0.3"],
    ],
    "a small rotation": [() => augment.randomRotation(15), ["randomRotation: angle from −15° to 15°"]],
    "a rotation one way": [() => augment.randomRotation([5, 20]), ["randomRotation: angle from 5° to 20°"]],
    "no rotation": [() => augment.randomRotation(0), []],
    shifts: [
      () => augment.randomAffine({ translate: [0.25, 0], shear: 4 }),
      ["randomAffine: shear from −4° to 4°", "randomAffine: translateX from −4 px to 4 px"],
    ],
    "a fixed noise": [() => augment.gaussianNoise({ sigma: 0.1 }), []],
    noise: [() => augment.gaussianNoise({ sigma: [0.1, 0.2] }), ["gaussianNoise: sigma from 0.1 to 0.2"]],
    blur: [() => augment.gaussianBlur(3, { sigma: [1, 2] }), ["gaussianBlur: sigma from 1 px to 2 px"]],
    jitter: [
      () => augment.randomScaleJitter(8, { range: [12, 20] }),
      ["randomScaleJitter: side from 12 px to 20 px"],
    ],
    "resized crops": [
      () => augment.randomResizedCrop(8, { scale: [0.5, 1], ratio: [1, 1] }),
      ["randomResizedCrop: area from 0.5 to 0.75"], // no square is larger in an image of 12 × 16
    ],
    erasing: [() => augment.randomErasing({ scale: [0.1, 0.2] }), ["randomErasing: area from 0.1 to 0.2"]],
    "parts, each with a range of its own": [
      () => augment.compose([augment.randomRotation(5), augment.randomCrop(9), augment.randomRotation(10)]),
      ["randomRotation: angle from −5° to 5°", "randomRotation2: angle from −10° to 10°"],
    ],
    "a recipe": [
      () => augment.recipes.inception({ size: 8 }),
      [
        "randomResizedCrop: area from 0.08 to 1",
        "randomResizedCrop: ratio from 0.75 to 1.33333",
        ...["brightness", "contrast", "saturation"].map((factor) => `colorJitter: ${factor} from 0.6 to 1.4`),
      ],
    ],
    "one of the user's own": [() => ({ sample: () => ({}), apply: (_, x) => x.neg() }), []],
  };
  for (const [name, [make, wanted]] of Object.entries(cases)) {
    it(`has the strips of what it draws, and no others: ${name}`, async () => {
      const gallery = await show(picture([3, 12, 16]), { transform: make(), n: 1 });
      expect(stripsIn(htmlOf(gallery))).to.deep.equal(wanted);
    });
  }

  it("has in a strip what the transform itself makes of the numbers", async () => {
    const image = picture([3, 6, 5]);
    const transform = augment.colorJitter({ brightness: 0.4, contrast: 0.2 });
    const pictures = picturesIn(htmlOf(await show(image, { transform, n: 1 })));
    for (const factor of [0.6, 0.8, 1, 1.2, 1.4]) {
      const shown = pictures.find(({ alt }) => alt === `brightness ${factor}`)!;
      const wanted = await onCpu(() => augment.functional.adjustBrightness(image, factor)).data();
      for (let i = 0; i < 90; i++) {
        const [channel, pixel] = [Math.floor(i / 30), i % 30];
        expect(shown.data[3 * pixel + channel]).to.be.closeTo(255 * wanted[i], 0.5 + 1e-4);
      }
    }
  });

  it("mixes labels as bars, and moves boxes and masks", async () => {
    const images = picture([2, 3, 8, 8]);
    const mixed = htmlOf(await show(images, { ops: ["mixup"], n: 1 }));
    expect(mixed.match(/class="bar"/g)).to.have.length(4);
    expect(mixed).to.match(/image 1 \d+\.\d%/);
    const boxes = onCpu(() => tensor([[[1, 2, 4, 6]], [[0, 0, 3, 3]]]));
    const masks = onCpu(() => images.slice([0, 0], [2, 1]).greater(0.5));
    const moved = htmlOf(
      await show(images, { transform: augment.randomHorizontalFlip({ p: 1 }), boxes, masks, n: 1 }),
    );
    expect(moved).to.contain("1.00,2.00 4.00,2.00").and.contain("4.00,2.00 7.00,2.00");
    expect(moved.match(/<img class="over"/g)).to.have.length(4);
  });

  it("shows a recipe's crops of test time with their probabilities and the average", async () => {
    const transform = augment.recipes.alexnet({ size: 7, square: 8 });
    const model = (x: Tensor): Tensor => x.mean([2, 3]).mul(20);
    const classes = ["red", "green", "blue"];
    const gallery = await show(picture([3, 9, 11]), { transform, model, classes, n: 2 });
    const { average, probabilities } = gallery.numbers.testTime!;
    expect(probabilities).to.have.length(10);
    const image = picture([3, 9, 11]);
    const wanted = await onCpu(() =>
      augment.predictTta(model, image, { crops: (x) => transform.crops(x) }),
    ).data();
    average!.forEach((share, k) => expect(share).to.be.closeTo(wanted[k], 1e-9));
    const html = htmlOf(gallery);
    expect(html).to.contain("The 10 crops of image 0 at test time").and.contain("Average over the crops");
    expect(gallery.figures).to.have.length(1); // the cloud of colours, for the recipe has PCA colour
  });

  it("takes grey images, many images, and images of several sizes", async () => {
    const many = await show(picture([11, 1, 8, 8]), { ops: ["noise"], n: 1 });
    expect(many.notes[0]).to.equal("The first 8 of 11 images.");
    const sizes = await show([picture([3, 8, 8]), picture([3, 6, 9])], { ops: ["rotate"], n: 1 });
    expect(sizes.numbers.variants.map(({ of }) => of)).to.deep.equal([[0], [1]]);
  });

  it("refuses what is no image, unknown operations and options, and companions that do not fit", async () => {
    const image = picture([3, 8, 8]);
    expect(await messageOf(show("nowhere.png"))).to.contain("nowhere.png cannot be read");
    expect(await messageOf(show(image, { ops: ["rotat"] }))).to.contain(
      "no operation rotat; did you mean rotate?",
    );
    expect(await messageOf(show(image, { ops: [] }))).to.contain("ops must be an array of names, got []");
    expect(await messageOf(show(image, { sed: 1 } as never))).to.contain('did you mean "seed"?');
    expect(await messageOf(show(image, { n: 0 }))).to.contain(
      "n must be a whole number of at least 1, got 0",
    );
    expect(await messageOf(show(image, { seed: -1 }))).to.contain("seed must be a whole number");
    const recipe = augment.recipes.alexnet as never;
    expect(await messageOf(show(image, { transform: recipe }))).to.contain("call the function that makes it");
    const boxes = onCpu(() => tensor([[1, 2, 3, 4]]));
    expect(await messageOf(show(image, { boxes }))).to.contain("boxes must be [N, M, 4], got [1, 4]");
    const both = { ops: ["rotate"], transform: augment.randomRotation(3) };
    expect(await messageOf(show(image, both))).to.contain("either ops or transform");
  });

  it("is a page of real pictures, light or dark, without a network", async function () {
    if (browserPath === undefined) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "saddle-gallery-"));
    const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
    try {
      const html = htmlOf(await show(picture([3, 16, 16]), { ops: ["rotate"], n: 4 }));
      const page = await browser.newPage({ colorScheme: "dark", javaScriptEnabled: true });
      for (const background of ["#fff", "#111"]) {
        const ink = background === "#111" ? "#eee" : "#222";
        const body = `<div style="background:${background};color:${ink}">${html}</div>`;
        writeFileSync(join(folder, "page.html"), pageHtml("Gallery", body));
        await page.goto(pathToFileURL(join(folder, "page.html")).href);
        const sizes = await page.$$eval(".saddle-augment img", (images) => images.map((i) => (i as unknown as { naturalWidth: number }).naturalWidth)); // prettier-ignore
        expect(sizes.length).to.be.above(5 + 10);
        expect(Math.min(...sizes)).to.be.at.least(16);
        const colour = await page.$eval(
          ".saddle-augment figcaption b",
          (b) => getComputedStyle(b as never).color,
        );
        expect(colour).to.equal(ink === "#eee" ? "rgb(238, 238, 238)" : "rgb(34, 34, 34)");
      }
      expect(await page.locator(".saddle-augment [role], .saddle-augment img:not([alt])").count()).to.equal(
        0,
      );
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});
