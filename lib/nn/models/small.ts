import { checkOptions, describe, refuse } from "../../util/errors";
import { sequential } from "../compose";
import { heNormal, type Initializer } from "../init";
import { avgPool2d, conv2d, dense, flatten, relu, tanh } from "../layers";
import type { Layer, Module } from "../module";
import { classesOf, type ModelOptions } from "./options";
import { isListOf } from "../../util/checks";

export interface MlpOptions {
  /** Between the layers; nn.relu() unless given. */
  readonly activation?: Layer;
  /** First weights; nn.init.heNormal unless given. */
  readonly init?: Initializer;
}

/**
 * A multilayer perceptron of flattened inputs: a dense layer for each of `widths`, the last of which is the number of
 * outputs, with activations between them. `mlp([128, 10])` has one hidden layer.
 */
export function mlp(
  widths: readonly number[],
  options: MlpOptions = {},
): Module<readonly object[], readonly object[]> {
  checkOptions("mlp", options, ["activation", "init"]);
  if (!isListOf(widths, (w) => typeof w === "number") || widths.length === 0) {
    refuse("mlp", `widths must be an array of layer sizes, got ${describe(widths)}`);
  }
  const { activation = relu(), init = heNormal } = options;
  const layers = widths.flatMap((width: number, i) =>
    (i === 0 ? [] : [activation]).concat(dense(width, { init })),
  );
  const all: readonly Layer[] = [flatten(), ...layers];
  return { ...sequential(all), inputAxes: 2 };
}

/**
 * LeNet-5 (LeCun et al. 1998) as it is taught today: tanh, average pooling, every channel connected with every other,
 * and logits for the radial basis functions. 61,706 parameters on one channel of 28 × 28, to which its first layer adds
 * 2 zeros around.
 */
export function lenet(options: ModelOptions = {}) {
  const classes = classesOf("lenet", options, 10);
  return sequential({
    conv1: conv2d(6, 5, { padding: 2 }),
    tanh1: tanh(),
    pool1: avgPool2d(2),
    conv2: conv2d(16, 5),
    tanh2: tanh(),
    pool2: avgPool2d(2),
    flatten: flatten(),
    dense1: dense(120),
    tanh3: tanh(),
    dense2: dense(84),
    tanh4: tanh(),
    dense3: dense(classes),
  });
}
