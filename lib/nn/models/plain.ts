/** The convolutional networks without shortcuts, as in torchvision. */
import type { Tensor } from "../../tensor";
import type { Shape } from "../../util/shapes";
import { sequential } from "../compose";
import { heNormal, normal } from "../init";
import { adaptiveAvgPool2d, conv2d, dense, flatten, maxPool2d, relu } from "../layers";
import type { Module } from "../module";
import { dropout } from "../regular";
import { classesOf, type ModelOptions } from "./options";

const he = (key: Tensor, shape: Shape): Tensor => heNormal(key, shape);

/**
 * AlexNet (Krizhevsky 2014, "One weird trick") in torchvision's form, without local response normalisation:
 * 61,100,840 parameters for 1000 classes of three channels of 224 × 224.
 */
export function alexnet(options: ModelOptions = {}) {
  const classes = classesOf("alexnet", options, 1000);
  const pool = () => maxPool2d({ kernel: 3, stride: 2 });
  return sequential({
    features: sequential([
      conv2d(64, 11, { stride: 4, padding: 2, init: he }),
      relu(),
      pool(),
      conv2d(192, 5, { padding: 2, init: he }),
      relu(),
      pool(),
      conv2d(384, 3, { padding: 1, init: he }),
      relu(),
      conv2d(256, 3, { padding: 1, init: he }),
      relu(),
      conv2d(256, 3, { padding: 1, init: he }),
      relu(),
      pool(),
    ]),
    pool: adaptiveAvgPool2d(6),
    flatten: flatten(),
    classifier: sequential([
      dropout(0.5),
      dense(4096, { init: he }),
      relu(),
      dropout(0.5),
      dense(4096, { init: he }),
      relu(),
      dense(classes),
    ]),
  });
}

/** VGG with 8 convolutions (Simonyan & Zisserman 2015, A): 132,863,336 parameters for 1000 classes of three channels. */
export function vgg11(options: ModelOptions = {}) {
  return vgg(classesOf("vgg11", options, 1000), [[64], [128], [256, 256], [512, 512], [512, 512]]);
}

/** VGG with 13 convolutions (Simonyan & Zisserman 2015, D): 138,357,544 parameters for 1000 classes of three channels. */
export function vgg16(options: ModelOptions = {}) {
  return vgg(classesOf("vgg16", options, 1000), [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ]);
}

/** Blocks of 3 × 3 convolutions, each followed by pooling, and three dense layers. */
function vgg(classes: number, blocks: readonly (readonly number[])[]) {
  const features = blocks.flatMap((widths): Module[] => [
    ...widths.flatMap((width) => [
      conv2d(width, 3, { padding: 1, init: (key, shape) => heNormal(key, shape, { mode: "fanOut" }) }),
      relu(),
    ]),
    maxPool2d(2),
  ]);
  return sequential({
    features: sequential(features),
    pool: adaptiveAvgPool2d(7),
    flatten: flatten(),
    classifier: sequential([
      dense(4096, { init: normal }),
      relu(),
      dropout(0.5),
      dense(4096, { init: normal }),
      relu(),
      dropout(0.5),
      dense(classes, { init: normal }),
    ]),
  });
}
