import { arrayOf } from "../device/storage";
import { cpu } from "./device";
import { fromData } from "./create";
import { asTensor } from "./lift";
import { Tensor, traced, type TensorLike } from "./tensor";

/**
 * Whether `test`, a bool tensor of `values`, is true anywhere: for what is to be refused as it is given. Undefined where a
 * value is a tensor whose elements do not lie on the host, and may not be computed yet.
 */
export function holdsAnywhere(
  test: (...values: Tensor[]) => Tensor,
  ...values: readonly TensorLike[]
): boolean | undefined {
  return traced(() => {
    const known = values.map(onHost);
    if (known.includes(undefined)) return undefined;
    const { node } = test(...(known as Tensor[]));
    cpu.realize([node]);
    return arrayOf(node)!.data.some((truth) => truth !== 0);
  });
}

function onHost(x: TensorLike): Tensor | undefined {
  if (!(x instanceof Tensor)) return asTensor("tensor", "value", x, cpu);
  const data = x.device.peek(x.node);
  return data && fromData(data, x.shape, x.dtype, cpu);
}
