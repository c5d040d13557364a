import { expect } from "chai";
import { devices, memory, tensor, type Device } from "../../../lib";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PlannedDevice } from "../../../lib/device/planned";
import { collectGarbage } from "../../../lib/device/reclaim";
import { openAdapter } from "../../../lib/gpu/adapter";
import { Queue } from "../../../lib/gpu/queue";
import { makeNode, settle } from "../../../lib/graph/node";
import { numberDevice } from "../../../lib/numbers/device";
import { leaf } from "../../../lib/ops/define";
import { Tensor, traced } from "../../../lib/tensor/tensor";
import { wgslTarget } from "../../../lib/wgsl/target";
import type { Shape } from "../../../lib/util/shapes";

/** Counts from one on, on a device that no default leads to. */
function count(device: Device, shape: Shape): Tensor {
  const node = makeNode(leaf, [], {}, device, { shape, dtype: "float32" });
  const size = shape.reduce((a, b) => a * b, 1);
  settle(
    node,
    device.store(
      Float32Array.from({ length: size }, (_, i) => i + 1),
      node,
    ),
  );
  return new Tensor(node);
}

async function valueOf(make: () => Tensor): Promise<number[]> {
  const { node } = traced(make);
  await node.device.open();
  node.device.realize([node]);
  return Array.from(await node.device.read(node));
}

/** Bytes of JavaScript's heap that are still in use. */
async function usedHeap(): Promise<number> {
  // What a WeakRef was made for stays alive until the running job ends.
  await nextTurn();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe("a device that plans", () => {
  it("forgets the plans that were used least recently: ten thousand shapes take no more memory than four thousand", async () => {
    const device = numberDevice();
    const x = count(device, [1]);
    await device.open();
    const after: { plans: number; heap: number }[] = [];
    for (let n = 1; n <= 10_000; n++) {
      const { node } = traced(() =>
        x
          .pad([[n, 0]])
          .slice([n], [n + 1])
          .mul(2),
      );
      device.realize([node]);
      if (n === 5000 || n === 10_000) after.push({ plans: device.memory().plans, heap: await usedHeap() });
    }
    const [half, all] = after;
    expect(all.plans).to.be.below(5000);
    expect(all.plans).to.be.above(1000);
    expect(all.heap).to.be.below(1.3 * half.heap);
  });

  it("keeps the plan that is used again and again", async () => {
    const device = numberDevice();
    const x = count(device, [3]);
    expect(await valueOf(() => x.mul(2))).to.deep.equal([2, 4, 6]);
    const { plans } = device.memory();
    for (let i = 0; i < 10; i++) await valueOf(() => x.mul(2 + i));
    expect(device.memory().plans).to.equal(plans);
  });

  it("binds no more than can be bound where a long row is reduced in parts and much is done with the result", async () => {
    const device = numberDevice({ maxInputs: 4, longRow: 16 });
    const [x, a, b, c] = [[64], [], [], []].map((shape) => count(device, shape));
    const sum = (): Tensor =>
      x
        .sum()
        .add(x.slice([3], [4]).reshape([]))
        .add(a)
        .add(b)
        .add(c);
    expect(await valueOf(sum)).to.deep.equal([(64 * 65) / 2 + 4 + 3]);
  });

  it("forgets kernels that were used least recently, on the adapter", async () => {
    const opened = (await openAdapter())!;
    const { adapter } = opened;
    const target = wgslTarget({
      maxWorkgroups: 65_535,
      subgroupSize: adapter.subgroupSize,
      maxInputs: 7,
      hasFloat16: false,
    });
    const machine = new Queue(opened, 8);
    const facts = numberDevice();
    const device = new PlannedDevice(facts, () => Promise.resolve({ facts, target, machine }));
    const x = count(device, [64]);
    for (let n = 1; n <= 30; n++) {
      expect(await valueOf(() => x.slice([0], [n]).sum())).to.deep.equal([(n * (n + 1)) / 2]);
      expect(device.memory().kernels).to.be.at.most(8);
    }
    expect(device.memory().plans).to.equal(30);
    expect(await valueOf(() => x.slice([0], [1]).sum())).to.deep.equal([1]);
  });

  it("tells of plans and kernels where it tells of memory", async () => {
    const [device] = await devices();
    await tensor([1, 2, 3]).mul(2).add(7).sin().data();
    const { plans, kernels } = await memory();
    if (device.kind === "cpu") return;
    expect(plans).to.be.above(0);
    expect(kernels).to.be.above(0);
  });
});
