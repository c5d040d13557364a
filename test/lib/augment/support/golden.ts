import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { functional as F } from "../../../../lib/augment";
import { tensor, withDevice, type Device, type Tensor } from "../../../../lib/tensor";

export interface Golden {
  readonly shape: number[];
  readonly data: number[];
}

export interface Case {
  readonly transform: string;
  readonly args: Readonly<Record<string, never>>;
  readonly out: Golden | Golden[];
}

const file = join(__dirname, "..", "..", "..", "..", "..", "test", "golden", "images.json");
export const golden = JSON.parse(readFileSync(file, "utf8")) as { image: Golden; cases: Case[] };

const calls: Readonly<Record<string, (x: Tensor, args: Case["args"]) => Tensor | Tensor[]>> = {
  hflip: (x) => F.hflip(x),
  vflip: (x) => F.vflip(x),
  crop: (x, { top, left, height, width }) => F.crop(x, top, left, height, width),
  centerCrop: (x, { size }) => F.centerCrop(x, size),
  resize: (x, { size, antialias }) => F.resize(x, size, { antialias }),
  rotate: (x, { angle, interpolation, fill }) => F.rotate(x, angle, { interpolation, fill }),
  affine: (x, args) => F.affine(x, args),
  adjustBrightness: (x, { factor }) => F.adjustBrightness(x, factor),
  adjustContrast: (x, { factor }) => F.adjustContrast(x, factor),
  adjustSaturation: (x, { factor }) => F.adjustSaturation(x, factor),
  adjustHue: (x, { factor }) => F.adjustHue(x, factor),
  normalize: (x, { mean, std }) => F.normalize(x, mean, std),
  gaussianBlur: (x, { kernelSize, sigma }) => F.gaussianBlur(x, kernelSize, { sigma }),
  fiveCrop: (x, { size }) => F.fiveCrop(x, size),
  tenCrop: (x, { size }) => F.tenCrop(x, size),
};

const edge = 3; // pixels at the border, where implementations may round a coordinate either way

interface Deviation {
  everywhere: number;
  inside: number;
}

/** The greatest differences from the golden values: everywhere, and away from the images' edges. */
async function deviation(got: Tensor, want: Golden): Promise<Deviation> {
  expect(got.shape).to.deep.equal(want.shape);
  const [, height, width] = want.shape;
  const worst = { everywhere: 0, inside: 0 };
  (await got.data()).forEach((value, i) => {
    const [row, column] = [Math.floor(i / width) % height, i % width];
    const difference = Math.abs(value - want.data[i]);
    worst.everywhere = Math.max(worst.everywhere, difference);
    const isInside = Math.min(row, column, height - 1 - row, width - 1 - column) >= edge;
    if (isInside) worst.inside = Math.max(worst.inside, difference);
  });
  return worst;
}

/** Refuses what is more than 2/255 from torchvision's image anywhere, or 1e-4 away from its edges. */
export async function expectTorchvision({ transform, args, out }: Case, device: Device): Promise<void> {
  const results = withDevice(device, () => {
    const image = tensor(golden.image.data, { shape: golden.image.shape });
    return [calls[transform](image, args)].flat();
  });
  const wanted = [out].flat();
  expect(results).to.have.length(wanted.length);
  for (const [i, result] of results.entries()) {
    const { everywhere, inside } = await deviation(result, wanted[i]);
    expect(everywhere).to.be.at.most(2 / 255);
    expect(inside).to.be.at.most(1e-4);
  }
}
