import { readdir, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { tensor, Tensor, type TensorLike } from "../tensor";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { readBytes } from "../util/files";
import { formatShape } from "../util/shapes";
import { decodeImage, encodeJpeg, encodePng, pixelsOf, type Planes } from "./codec";

/** A file's path, its bytes, or a tensor of [H, W] or [C, H, W]. */
export type ImageSource = string | Uint8Array | Tensor;
/** One source, an array of them, a folder's path, or a tensor of [H, W], [C, H, W] or [N, C, H, W]. */
export type ImageSources = ImageSource | readonly ImageSource[];

export interface NamedImage {
  /** [C, H, W] in [0, 1], one channel or three. */
  readonly image: Tensor;
  /** The file's name, or the place in what was given. */
  readonly name: string;
}

export const imageExtensions = [".png", ".jpg", ".jpeg"];

/**
 * The image in a PNG or JPEG file (a path, or the file's bytes): [3, H, W], grey ones [1, H, W], in [0, 1]; opacity is
 * dropped. Throws an ArgumentError that names a file which is missing, broken, of another format, or too large: of more than
 * 2^26 pixels, 2^28 bytes as PNG, or 1 GiB of coefficients as JPEG. The largest take some 4 GiB of memory.
 */
export async function readImage(source: string | Uint8Array): Promise<Tensor> {
  return (await readOne("readImage", source)).image;
}

/**
 * Images from files, bytes, folders (all PNG and JPEG files in it, by name) or tensors, each as [C, H, W] in [0, 1].
 * Integer tensors hold bytes, 0 to 255. Throws an ArgumentError that names what cannot be an image.
 */
export async function readImages(source: ImageSources): Promise<NamedImage[]> {
  const where = "readImages";
  if (source instanceof Tensor) return imagesOfTensor(where, source);
  if (typeof source === "string" && (await isFolder(source))) return readFolder(where, source);
  const sources = isList(source) ? source : [source];
  if (sources.length === 0) refuse(where, "there is no image in an empty array");
  return Promise.all(sources.map((one, i) => readOne(where, one, i)));
}

function isList(source: ImageSources): source is readonly ImageSource[] {
  return Array.isArray(source);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readFolder(where: string, folder: string): Promise<NamedImage[]> {
  const names = await imageNames(where, folder);
  if (names.length === 0) refuse(where, `the folder ${folder} has no PNG or JPEG file`);
  return Promise.all(names.map(async (name) => ({ ...(await readOne(where, join(folder, name))), name })));
}

/** The PNG and JPEG files of a folder, in order. */
export async function imageNames(where: string, folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) =>
    refuse(where, `${folder} cannot be read (${(error as Error).message})`),
  );
  return names.filter((name) => imageExtensions.includes(extname(name).toLowerCase())).sort();
}

async function readOne(where: string, source: ImageSource, index?: number): Promise<NamedImage> {
  const place = index === undefined ? "" : `images[${index}], `;
  if (source instanceof Tensor) {
    const [first, ...others] = await imagesOfTensor(where, source);
    if (others.length > 0)
      refuse(where, `images[${index ?? 0}] holds ${others.length + 1} images, one is wanted`);
    return { ...first, name: `image ${index ?? 0}` };
  }
  if (typeof source === "string") {
    return { image: tensorOf(decodeImage(where, source, await readBytes(where, source))), name: source };
  }
  if (source instanceof Uint8Array) {
    const name = `${place}the ${source.length} bytes given`;
    return { image: tensorOf(decodeImage(where, name, source)), name: `image ${index ?? 0}` };
  }
  return refuse(where, `images[${index ?? 0}] must be a path, bytes or a tensor, got ${describe(source)}`);
}

export function tensorOf({ shape, data }: Planes): Tensor {
  return tensor(data, { shape: [...shape] });
}

async function imagesOfTensor(where: string, x: Tensor): Promise<NamedImage[]> {
  const images = asBatch(where, x);
  await checkRange(where, images);
  const scaled = isFloat(images.dtype) ? images : images.div(255);
  return Array.from({ length: images.shape[0] }, (_, i) => ({
    image: scaled.take(i, 0),
    name: `image ${i}`,
  }));
}

function asBatch(where: string, x: Tensor): Tensor {
  if (x.ndim < 2 || x.ndim > 4 || x.size === 0) {
    refuse(where, `images must be [H, W], [C, H, W] or [N, C, H, W], got ${formatShape(x.shape)}`);
  }
  const shape = [...new Array<number>(4 - x.ndim).fill(1), ...x.shape];
  if (shape[1] !== 1 && shape[1] !== 3) {
    const advice = x.ndim === 3 ? "; for grey images [N, H, W], add the channel with .expandDims(1)" : "";
    refuse(where, `images have 1 or 3 channels, got ${shape[1]} in shape ${formatShape(x.shape)}${advice}`);
  }
  return x.reshape(shape);
}

/** Refuses values that are no colours, and bytes that forgot to be divided. */
async function checkRange(where: string, images: Tensor): Promise<void> {
  if (images.dtype === "bool") return;
  const highest = isFloat(images.dtype) ? 1 : 255;
  const slack = isFloat(images.dtype) ? 1e-3 : 0;
  const [least, greatest] = await Promise.all([images.min().item(), images.max().item()]);
  if (least >= -slack && greatest <= highest + slack) return;
  const advice = highest === 1 && greatest > 2 ? "; divide bytes by 255" : "";
  refuse(
    where,
    `${images.dtype} images have values from 0 to ${highest}, got ${least} to ${greatest}${advice}`,
  );
}

/** Writes an image of [H, W], [1, H, W] or [3, H, W] in [0, 1] as PNG or JPEG, as the path's extension says. */
export async function writeImage(path: string, image: TensorLike): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (!imageExtensions.includes(extension)) {
    refuse("writeImage", `${path} must end in ${imageExtensions.join(", ")}`);
  }
  const [one, ...others] = await imagesOfTensor("writeImage", tensor(image));
  if (others.length > 0) refuse("writeImage", `one image is wanted, got ${others.length + 1}`);
  const pixels = pixelsOf(one.image.shape as Planes["shape"], await one.image.data());
  await writeFile(path, extension === ".png" ? encodePng(pixels) : encodeJpeg(pixels));
}
