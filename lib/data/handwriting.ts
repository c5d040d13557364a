/** Pictures of 20 and of 28 pixels, for networks of convolutions. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { tensor, type Tensor } from "../tensor";
import { checkOptions, refuse, SaddleError } from "../util/errors";
import { fromAsset } from "./assets";
import { decodeImage, type Planes } from "./codec";
import { readIdxBytes } from "./idx";
import type { Source } from "./loader";

export interface LabelledImages {
  /** [n, 1, height, width] in [0, 1]. */
  readonly images: Tensor;
  /** int32 [n], index into `classes`. */
  readonly labels: Tensor;
  readonly classes: readonly string[];
}

const [side, rowsOfClass, columns] = [20, 5, 100];

/**
 * 5000 handwritten digits of 20 × 20 pixels, 500 of each, white on black: [5000, 1, 20, 20] from 0 to 1. OpenCV's
 * `samples/data/digits.png`, in its order: by class.
 */
export function digits5000(): LabelledImages {
  const { shape, data } = fromAsset("digits5000.png", (bytes) =>
    decodeImage("digits5000", "digits5000.png", bytes),
  );
  const count = (shape[1] / side) * columns;
  const classes = Array.from({ length: count / (rowsOfClass * columns) }, (_, digit) => String(digit));
  return {
    images: tensor(cells({ shape, data }, count), { shape: [count, 1, side, side] }),
    labels: tensor(
      Int32Array.from({ length: count }, (_, i) => Math.floor(i / (rowsOfClass * columns))),
      { dtype: "int32" },
    ),
    classes,
  };
}

/** The cells of a sheet of pictures, one after the other. */
function cells({ shape: [, , width], data }: Planes, count: number): Float32Array {
  const out = new Float32Array(count * side * side);
  for (let i = 0; i < count; i++) {
    const corner = Math.floor(i / columns) * side * width + (i % columns) * side;
    for (let row = 0; row < side; row++) {
      const start = corner + row * width;
      out.set(data.subarray(start, start + side), (i * side + row) * side);
    }
  }
  return out;
}

const debianFolder = "/usr/share/datasets/fashion-mnist";
const clothes = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");

export interface FashionOptions {
  /** Where the four .gz files lie; where Debian's package puts them unless given. */
  readonly folder?: string;
}

/** Images that stay bytes in memory until a loader asks for them. */
export interface StoredImages extends Source<LabelledImages> {
  readonly classes: readonly string[];
  /** The class of each image. */
  readonly labels: Uint8Array;
}

/**
 * Fashion-MNIST (Xiao, Rasul & Vollgraf 2017): 60,000 and 10,000 grey pictures of clothes of 28 × 28 pixels, in ten
 * classes, to be given to `loader`: in float32 at once they are more than many adapters hold in one buffer. Needs
 * Debian's package `dataset-fashion-mnist`, or the same files in a folder; throws a SaddleError that says so where there
 * is neither.
 */
export async function fashionMnist(
  options: FashionOptions = {},
): Promise<{ readonly train: StoredImages; readonly test: StoredImages }> {
  checkOptions("fashionMnist", options, ["folder"]);
  const { folder = debianFolder } = options;
  if (!existsSync(join(folder, "train-images-idx3-ubyte.gz"))) {
    throw new SaddleError(
      `fashionMnist: there is no Fashion-MNIST in ${folder}; install it with \`apt-get install dataset-fashion-mnist\`, or give the folder of its .gz files`,
    );
  }
  const [train, test] = await Promise.all(["train", "t10k"].map((part) => readPart(folder, part)));
  return { train, test };
}

async function readPart(folder: string, part: string): Promise<StoredImages> {
  const path = (kind: string) => join(folder, `${part}-${kind}-ubyte.gz`);
  const [pixels, { bytes: labels }] = await Promise.all([
    readIdxBytes("fashionMnist", path("images-idx3"), 3),
    readIdxBytes("fashionMnist", path("labels-idx1"), 1),
  ]);
  const [length, height, width] = pixels.shape;
  if (labels.length !== length || labels.some((label) => label >= clothes.length)) {
    refuse(
      "fashionMnist",
      `${path("labels-idx1")} must hold a label below ${clothes.length} for each of ${length} images`,
    );
  }
  const size = height * width;
  return {
    length,
    classes: clothes,
    labels,
    batch(indices) {
      const chosen = new Float32Array(indices.length * size);
      indices.forEach((at, i) => {
        for (let p = 0; p < size; p++) chosen[i * size + p] = pixels.bytes[at * size + p] / 255;
      });
      return {
        images: tensor(chosen, { shape: [indices.length, 1, height, width] }),
        labels: tensor(Int32Array.from(indices, (at) => labels[at])),
        classes: clothes,
      };
    },
  };
}
