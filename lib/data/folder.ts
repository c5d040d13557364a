import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { functional } from "../augment";
import { stack, tensor, type Tensor } from "../tensor";
import { checkWhole } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import type { LabelledImages } from "./handwriting";
import { imageNames, readImage } from "./images";
import type { Source } from "./loader";
import { mostPixels } from "./pixels";

export interface ImageFolderOptions {
  /** Images are scaled so that their shorter side has this many pixels, and their middle is taken. */
  readonly size: number;
}

export interface ImageFolder extends Source<LabelledImages> {
  /** The subfolders' names. */
  readonly classes: readonly string[];
  /** The files, in order. */
  readonly files: readonly string[];
}

/**
 * PNG and JPEG files in subfolders named after their classes, read when a loader asks for them: batches have images
 * [n, 3, size, size] in [0, 1] and labels. Refuses a folder without subfolders or files; a batch refuses a file that
 * `readImage` does, or that is so narrow that it has more than 2^26 pixels when it is scaled.
 */
export async function imageFolder(path: string, options: ImageFolderOptions): Promise<ImageFolder> {
  checkOptions("imageFolder", options ?? {}, ["size"]);
  const size = options?.size;
  checkWhole("imageFolder", "size", size, 1);
  const classes = await subfolders(path);
  const listed = await Promise.all(
    classes.map(async (name) => {
      const folder = join(path, name);
      return (await imageNames("imageFolder", folder)).map((file) => join(folder, file));
    }),
  );
  const files = listed.flat();
  if (files.length === 0) refuse("imageFolder", `the subfolders of ${path} hold no PNG or JPEG file`);
  const labels = listed.flatMap((list, label) => list.map(() => label));
  return {
    length: files.length,
    classes,
    files,
    async batch(indices) {
      const images = await Promise.all(
        Array.from(indices, async (i) => fitted(files[i], await readImage(files[i]), size)),
      );
      const chosen = Int32Array.from(indices, (i) => labels[i]);
      return { images: stack(images), labels: tensor(chosen, { dtype: "int32" }), classes };
    },
  };
}

/** In colour, scaled and cropped to a square. */
function fitted(file: string, image: Tensor, size: number): Tensor {
  const [, height, width] = image.shape;
  const scaled = (size * size * Math.max(height, width)) / Math.min(height, width);
  if (scaled > mostPixels) {
    refuse(
      "imageFolder",
      `${file} has ${width} × ${height} pixels, and ${Math.ceil(scaled)} when its shorter side has ${size}: at most ${mostPixels} are made`,
    );
  }
  const colour = image.shape[0] === 1 ? image.tile([3, 1, 1]) : image;
  return functional.centerCrop(functional.resize(colour, size), size);
}

async function subfolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) =>
    refuse("imageFolder", `${path} cannot be read (${(error as Error).message})`),
  );
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) refuse("imageFolder", `${path} has no subfolders, one a class are wanted`);
  return names.sort();
}
