import sharp from "sharp";
import { augment, cpu, devices, jit, memory, random, withDevice, type Tensor } from "../../lib";

/**
 * Images a second through flip, resized crop and colour jitter: batches on the device, and the same chain in sharp, one
 * image after the other, as a data loader's worker has it. Both in one run; the ratio is what counts.
 */

const side = 224;
const total = 256;
const batchSizes = [8, 32, 64];

const transform = augment.compose([
  augment.randomHorizontalFlip(),
  augment.randomResizedCrop(side),
  augment.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
]);

/** Seconds on the clock, and of all of this process's threads: a software device and libvips run in it. */
interface Cost {
  readonly clock: number;
  readonly processor: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { clock: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

/** The least of some rounds: what the machine can do when it does nothing else. */
async function best(rounds: number, work: () => Promise<unknown>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await costOf(work));
  return {
    clock: Math.min(...costs.map(({ clock }) => clock)),
    processor: Math.min(...costs.map(({ processor }) => processor)),
  };
}

/** On the device, from images that lie there to results that lie there. */
async function onDevice(batchSize: number, step: (key: Tensor, images: Tensor) => Tensor): Promise<Cost> {
  const images = random.uniform(random.key(0), [batchSize, 3, side, side]);
  await images.sum().item();
  const run = async (): Promise<void> => {
    let checksum;
    for (let seed = 0; seed < total / batchSize; seed++) {
      const last = step(random.key(seed), images);
      checksum = last.slice([0, 0, 0, 0], [1, 1, 1, 1]);
    }
    await checksum?.item();
  };
  await run(); // compiles
  return best(3, run);
}

/** Numbers of the same draws for sharp. */
async function draws(): Promise<Record<string, number>[]> {
  const params = withDevice(cpu, () => transform.sample(random.key(0), [total, 3, side, side]));
  const lists = await Promise.all(
    Object.values(params).flatMap((part) =>
      Object.entries(part as Record<string, Tensor>).map(
        async ([name, values]) => [name, await values.data()] as const,
      ),
    ),
  );
  return Array.from({ length: total }, (_, i) =>
    Object.fromEntries(lists.map(([name, values]) => [name, values[i]])),
  );
}

async function inSharp(threads: number): Promise<Cost> {
  sharp.concurrency(threads);
  sharp.cache(false);
  const bytes = Buffer.from(Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 2654435761) >>> 24));
  const list = await draws();
  const run = async (): Promise<void> => {
    for (const { flip, top, left, height, width, brightness, contrast, saturation } of list) {
      const image = sharp(bytes, { raw: { width: side, height: side, channels: 3 } });
      const cropped = image.flop(flip === 1).extract({ top, left, height, width });
      const sized = cropped.resize(side, side, { fit: "fill", kernel: "linear" });
      // sharp's contrast is about mid-grey, where torchvision's is about the image's mean: the same work.
      const toned = sized.linear(contrast, 128 * (1 - contrast)).modulate({ brightness, saturation });
      await toned.raw().toBuffer();
    }
  };
  await run();
  return best(3, run);
}

async function main(): Promise<void> {
  const [device] = await devices();
  const rows: Record<string, Record<string, number>> = {};
  const reference = await inSharp(1);
  const add = (name: string, { clock, processor }: Cost): void => {
    rows[name] = {
      "images/s": Math.round(total / clock),
      "× sharp": Number((reference.clock / clock).toFixed(2)),
      "processor ms an image": Number(((1000 * processor) / total).toFixed(2)),
    };
  };
  add("sharp, one at a time, one thread", reference);
  add("sharp, one at a time, its own threads", await inSharp(0));
  const apply = jit((key: Tensor, images: Tensor) =>
    transform.apply(transform.sample(key, images.shape), images),
  );
  for (const batchSize of batchSizes)
    add(`${device.name}, batches of ${batchSize}`, await onDevice(batchSize, apply));
  // eslint-disable-next-line no-console -- a benchmark's table is its result
  console.table(rows);
  const { peak } = await memory();
  const lines = [`peak device memory ${(peak / 2 ** 20).toFixed(0)} MiB`];
  if (device.kind !== "gpu") {
    lines.push(
      `${device.name} computes on the processor, in float32; sharp works on bytes with the same cores' vector units.`,
      "Only on a GPU does the ratio say what a GPU would gain.",
    );
  }
  // eslint-disable-next-line no-console -- a benchmark's table is its result
  console.log(lines.join("\n"));
}

void main().then(() => process.exit());
