/** Residual networks (He, Zhang, Ren & Sun 2016). */
import type { Tensor } from "../../tensor";
import type { Shape } from "../../util/shapes";
import { residual, sequential } from "../compose";
import { heNormal } from "../init";
import { conv2d, dense, globalAvgPool, maxPool2d, relu } from "../layers";
import type { Layer, Module } from "../module";
import { batchNorm } from "../regular";
import { classesOf, type ModelOptions } from "./options";

const init = (key: Tensor, shape: Shape): Tensor => heNormal(key, shape, { mode: "fanOut" });

/** Convolution without bias, which the batch norm after it has. */
function convolution(channels: number, kernel: number, stride: number) {
  const padding = Math.floor(kernel / 2);
  return conv2d(channels, kernel, { stride, padding, bias: false, init });
}

/** How a shortcut gets the shape of a block that strides or widens. */
type Shortcut = (channels: number, stride: number) => Layer;

/** A 1 × 1 convolution with batch norm: the paper's option B. */
const projection: Shortcut = (channels, stride) =>
  sequential({ conv: convolution(channels, 1, stride), norm: batchNorm() });

/** Every other pixel, and zeros for the new channels: the paper's option A, which has no parameters. */
const padded: Shortcut = (channels, stride) =>
  function subsample(x) {
    const strided = x.slice([0, 0, 0, 0], x.shape, [1, 1, stride, stride]);
    const added = channels - x.shape[1];
    const before = Math.floor(added / 2);
    return strided.pad([
      [0, 0],
      [before, added - before],
      [0, 0],
      [0, 0],
    ]);
  };

function basicBlock(channels: number, stride: number, shortcut: Layer | undefined): Module {
  const body = sequential({
    conv1: convolution(channels, 3, stride),
    norm1: batchNorm(),
    relu1: relu(),
    conv2: convolution(channels, 3, 1),
    norm2: batchNorm(),
  });
  return sequential({ sum: shortcut ? residual(body, shortcut) : residual(body), relu: relu() });
}

function stage(blocks: number, channels: number, stride: number, widens: boolean, shortcut: Shortcut) {
  return sequential(
    Array.from({ length: blocks }, (_, i) => {
      const changes = i === 0 && (stride > 1 || widens);
      return basicBlock(channels, i === 0 ? stride : 1, changes ? shortcut(channels, stride) : undefined);
    }),
  );
}

/** ResNet-18: 11,689,512 parameters for 1000 classes of three channels. */
export function resnet18(options: ModelOptions = {}) {
  return imagenet([2, 2, 2, 2], classesOf("resnet18", options, 1000));
}

/** ResNet-34: 21,797,672 parameters for 1000 classes of three channels. */
export function resnet34(options: ModelOptions = {}) {
  return imagenet([3, 4, 6, 3], classesOf("resnet34", options, 1000));
}

function imagenet(blocks: readonly number[], classes: number) {
  const [first, second, third, fourth] = blocks;
  return sequential({
    conv: convolution(64, 7, 2),
    norm: batchNorm(),
    relu: relu(),
    pool: maxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    stage1: stage(first, 64, 1, false, projection),
    stage2: stage(second, 128, 2, true, projection),
    stage3: stage(third, 256, 2, true, projection),
    stage4: stage(fourth, 512, 2, true, projection),
    average: globalAvgPool(),
    dense: dense(classes),
  });
}

/** The paper's ResNet-20 for CIFAR-10's 32 × 32 pixels: 269,722 parameters for 10 classes of three channels. */
export function resnet20Cifar(options: ModelOptions = {}) {
  const classes = classesOf("resnet20Cifar", options, 10);
  return sequential({
    conv: convolution(16, 3, 1),
    norm: batchNorm(),
    relu: relu(),
    stage1: stage(3, 16, 1, false, padded),
    stage2: stage(3, 32, 2, true, padded),
    stage3: stage(3, 64, 2, true, padded),
    average: globalAvgPool(),
    dense: dense(classes, { init: heNormal }),
  });
}
