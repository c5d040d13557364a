import { fromData } from "../tensor/create";
import type { Tensor } from "../tensor/tensor";
import { fromHalf, toHalf } from "../util/half";
import { world } from "./world";

export interface CompressedSums {
  readonly sums: Tensor[];
  /** ‖sent − exact‖ / ‖exact‖ over all ranks. */
  readonly error: number;
}

/** Sums over the ranks of tensors that travel as float16 and are added up as float32. */
export async function sumAsHalves(tensors: readonly Tensor[]): Promise<CompressedSums> {
  const reading = tensors.map((x) => x.data());
  for (const each of reading) each.catch(() => undefined);
  const squares = Float64Array.of(0, 0);
  const sums: Tensor[] = [];
  for (const [index, x] of tensors.entries()) {
    const exact = await reading[index];
    const sent = Uint16Array.from(exact, toHalf);
    for (let i = 0; i < exact.length; i++) {
      squares[0] += (fromHalf(sent[i]) - exact[i]) ** 2;
      squares[1] += exact[i] ** 2;
    }
    const total = new Float32Array(exact.length);
    for (const part of await world().allGather(sent)) {
      for (let i = 0; i < total.length; i++) total[i] += fromHalf(part[i]);
    }
    sums.push(fromData(total, x.shape, x.dtype, x.device));
  }
  await world().allReduce(squares);
  return { sums, error: squares[1] === 0 ? 0 : Math.sqrt(squares[0] / squares[1]) };
}
