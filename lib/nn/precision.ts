/** Networks that compute in float16 and are trained in float32. */
import type { Device, Tensor } from "../tensor";
import { flattenTensors } from "../transform/trees";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { unflatten } from "../util/trees";
import { isModule, type Module } from "./module";

/**
 * `model`, whose layers compute in float16, with float32 parameters, state and outputs (Micikevicius et al. 2018, "Mixed
 * precision training"): half the memory and traffic. Normalisations take their statistics in float32. Gradients are
 * float32, but pass through float16 on their way, where small ones vanish: scale the loss, as optim.lossScaling and
 * `nn.fit(…, { precision: "float16" })` do. Throws an ArgumentError on a device without float16.
 */
export function mixedPrecision<P, S>(model: Module<P, S>): Module<P, S> {
  if (!isModule(model)) {
    refuse("mixedPrecision", `model must be a module, with init and apply, got ${describe(model)}`);
  }
  return {
    ...model,
    init: (key, inputShape) => model.init(key, inputShape),
    apply({ params, state }, x, options) {
      requireFloat16("mixedPrecision", x.device);
      const done = model.apply({ params: halves(params), state }, half(x), options);
      return { y: isFloat(done.y.dtype) ? done.y.astype("float32") : done.y, state: done.state };
    },
  };
}

/** Opens the device, which only then knows what it has. */
export async function checkFloat16(where: string, device: Device): Promise<void> {
  await device.open();
  requireFloat16(where, device);
}

function requireFloat16(where: string, { name, floatTypes }: Device): void {
  if (floatTypes.includes("float16")) return;
  refuse(where, `${name} has no float16 (WebGPU's shader-f16); its floats are ${floatTypes.join(", ")}`);
}

function halves<T>(tree: T): T {
  const { leaves, structure } = flattenTensors(tree);
  return unflatten(structure, leaves.map(half)) as T;
}

function half(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x.astype("float16") : x;
}
