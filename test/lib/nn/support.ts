import { expect } from "chai";
import { cpu, withDevice, type Tensor } from "../../../lib";

/** A test whose tensors are on the cpu device, in float64. */
export function onCpu(name: string, body: () => Promise<void> | void): Mocha.Test {
  return it(name, () => withDevice(cpu, body));
}

export async function numbers(t: Tensor): Promise<number[]> {
  return Array.from(await t.data());
}

export function close(got: readonly number[], wanted: readonly number[], tolerance = 1e-12): void {
  expect(got).to.have.length(wanted.length);
  got.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], tolerance));
}
