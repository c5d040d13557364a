import { expect } from "chai";
import fc from "fast-check";
import type { augment } from "../../../lib";
import { arange, ArgumentError, cpu, data, random, tensor, withDevice, type Tensor } from "../../../lib";

const dataset = (count: number) => ({
  images: arange(count).reshape([count, 1, 1, 1]).astype("float32"),
  labels: arange(count),
  classes: ["a", "b"],
});
const numbers = async (t: Tensor) => Array.from(await t.data());
const onCpu = (name: string, body: () => Promise<void> | void) => it(name, () => withDevice(cpu, body));

async function epoch(loader: data.Loader<{ labels: Tensor }>): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const { labels } of loader) batches.push(await numbers(labels));
  return batches;
}

describe("data.loader", () => {
  onCpu("gives every sample once an epoch, images with their labels, the last batch smaller", async () => {
    const loader = data.loader(dataset(7), { batchSize: 3 });
    expect(loader.length).to.equal(3);
    expect(await epoch(loader)).to.deep.equal([[0, 1, 2], [3, 4, 5], [6]]);
    for await (const { images, labels, classes } of loader) {
      expect(await numbers(images)).to.deep.equal(await numbers(labels));
      expect(images.shape.slice(1)).to.deep.equal([1, 1, 1]);
      expect(classes).to.deep.equal(["a", "b"]);
    }
    const short = data.loader(dataset(7), { batchSize: 3, dropLast: true });
    expect(await epoch(short)).to.deep.equal([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  onCpu("shuffles by the key, another way in each epoch", async () => {
    const make = (seed: number) => data.loader(dataset(20), { batchSize: 20, shuffle: random.key(seed) });
    const [a, b] = [make(1), make(1)];
    const [[first], [second]] = [await epoch(a), await epoch(a)];
    expect(first).not.to.deep.equal(second);
    expect([...first].sort((x, y) => x - y)).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
    expect([await epoch(b), await epoch(b)]).to.deep.equal([[first], [second]]);
    expect(await epoch(make(2))).not.to.deep.equal([first]);
  });

  onCpu("goes on from any position with the batches that were to come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 9 }), async (batchSize, stop) => {
        const options = { batchSize, shuffle: random.key(5) };
        const whole = data.loader(dataset(11), options);
        const all = [...(await epoch(whole)), ...(await epoch(whole))];
        const at = Math.min(stop, whole.length - 1);
        const resumed = data.loader(dataset(11), { ...options, position: { epoch: 0, batch: at } });
        expect([...(await epoch(resumed)), ...(await epoch(resumed))]).to.deep.equal(all.slice(at));
        expect(resumed.position).to.deep.equal({ epoch: 2, batch: 0 });
      }),
      { numRuns: 15 },
    );
  });

  onCpu("hands scalars to every batch", async () => {
    const set = { scale: tensor(3), ...dataset(4) };
    for await (const { scale, labels } of data.loader(set, { batchSize: 2 })) {
      expect([await scale.item(), labels.shape]).to.deep.equal([3, [2]]);
    }
  });

  onCpu("says in the loop where it stands, and begins anew after one that was left", async () => {
    const loader = data.loader(dataset(6), { batchSize: 2 });
    for await (const { labels } of loader) {
      expect(await numbers(labels)).to.deep.equal([0, 1]);
      expect(loader.position).to.deep.equal({ epoch: 0, batch: 1 });
      break;
    }
    expect(loader.position).to.deep.equal({ epoch: 1, batch: 0 });
    expect(await epoch(loader)).to.have.length(3);
  });

  onCpu("makes the next batch of a source while one is used", async () => {
    const made: number[] = [];
    const source = {
      length: 4,
      batch: (indices: Int32Array) => {
        made.push(indices[0]);
        return Promise.resolve({ labels: tensor(indices) });
      },
    };
    const seen: number[][] = [];
    for await (const { labels } of data.loader(source, { batchSize: 1 })) {
      await Promise.resolve();
      seen.push([(await numbers(labels))[0], made.length]);
    }
    expect(seen).to.deep.equal([
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 4],
    ]);
  });

  onCpu("says what fails in a source when its batch is due", async () => {
    const batch = ([i]: Int32Array) => (i < 2 ? i : Promise.reject(new Error("no more")));
    const seen: number[] = [];
    const error = await (async () => {
      for await (const i of data.loader({ length: 3, batch }, { batchSize: 1 })) seen.push(i);
    })().catch((e: unknown) => e as Error);
    expect(seen).to.deep.equal([0, 1]);
    expect((error as Error).message).to.equal("no more");
  });

  onCpu("transforms batches with a key of their own, the same ones again", async () => {
    const noise = {
      sample: (key: Tensor, shape: readonly number[]) => ({ noise: random.normal(key, shape) }),
      apply: (params: unknown, images: Tensor) => images.add((params as { noise: Tensor }).noise),
    };
    const run = async () => {
      const images: number[][] = [];
      const loader = data.loader(dataset(4), { batchSize: 2, transform: noise });
      for await (const batch of loader) images.push(await numbers(batch.images));
      return images;
    };
    const [first, second] = await run();
    expect(first[0]).not.to.be.closeTo(second[0] - 2, 1e-9);
    expect(await run()).to.deep.equal([first, second]);
    const doubled = data.loader(dataset(2), {
      batchSize: 2,
      transform: (batch) => ({ ...batch, labels: batch.labels.mul(2) }),
    });
    expect(await epoch(doubled)).to.deep.equal([[0, 2]]);
  });

  onCpu("makes probabilities of class numbers where a transform mixes them, and only there", async () => {
    const keep = {
      sample: () => ({}),
      apply: (_: unknown, x: Tensor) => x,
      labels: (_: unknown, l: Tensor) => l,
    };
    const mix = { ...keep, labels: (_: unknown, l: Tensor) => l.add(l.flip(0)).div(2) };
    const of = async (transform: augment.Transform, source: object = dataset(2)) => {
      const loader = data.loader(source as ReturnType<typeof dataset>, { batchSize: 2, transform });
      for await (const { labels } of loader) return labels.array();
      return undefined;
    };
    expect(await of(keep)).to.deep.equal([0, 1]);
    expect(await of(mix)).to.deep.equal([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    const { images, labels } = dataset(2);
    const refused = await of(mix, { images, labels }).catch((e: unknown) => e as Error);
    expect((refused as Error).message).to.include("class names under `classes`");
  });

  for (const [name, make, message] of [
    [
      "a batch size of 0",
      () => data.loader(dataset(2), { batchSize: 0 }),
      "batchSize must be a whole number of at least 1",
    ],
    [
      "an unknown option",
      () => data.loader(dataset(2), { batchSize: 1, shufle: 1 } as never),
      'did you mean "shuffle"',
    ],
    ["a dataset without tensors", () => data.loader({ a: 1 }, { batchSize: 1 }), "must hold tensors"],
    [
      "a shuffle that is no key",
      () => data.loader(dataset(2), { batchSize: 1, shuffle: true as never }),
      "loader: shuffle must be a key, as random.key(seed) makes it, got true",
    ],
    [
      "tensors that differ in length",
      () => data.loader({ x: arange(10), of: { y: arange(9) } }, { batchSize: 4 }),
      "of.y has 9 samples, but x has 10",
    ],
    [
      "a position that is none",
      () => data.loader(dataset(2), { batchSize: 1, position: { epoch: -1, batch: 0 } }),
      "position must be",
    ],
    [
      "no batch at all",
      () => data.loader(dataset(2), { batchSize: 3, dropLast: true }),
      "leaves no batch of 2 samples",
    ],
  ] as const) {
    onCpu(`refuses ${name}`, () => {
      expect(make).to.throw(ArgumentError, message);
    });
  }
});
