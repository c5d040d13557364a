/**
 * A device that runs plans on plain numbers, in this thread and without any driver: what is wrong in a plan is wrong here
 * too, and shows on any machine. It computes floats in float64, whatever their dtype, as the cpu device does.
 */
import type { Block, Launch, Machine } from "../device/machine";
import { PlannedDevice, type DeviceFacts } from "../device/planned";
import type { LaneCount, Target } from "../graph/target";
import type { Bindings } from "../loops/work";
import { viewAs } from "../device/storage";
import { isFloat, type DType } from "../util/dtypes";
import { numberKernel, type NumberKernel } from "./kernel";

export interface NumberTraits {
  /** Elements that are computed side by side. */
  readonly lanes?: LaneCount;
  /** Inputs that one kernel can read. */
  readonly maxInputs?: number;
  /** Elements beyond which a reduction to few outputs is split into parts. */
  readonly longRow?: number;
}

interface Compiled {
  readonly bindings: Bindings;
  readonly kernel: NumberKernel;
}

interface NumberBlock extends Block {
  readonly data: ArrayBuffer;
}

const bytesOfScalar = 8;
const storedAs = (dtype: DType): DType => (isFloat(dtype) ? "float64" : dtype);

export function numberTarget({
  lanes = 4,
  maxInputs = 7,
  longRow = 16,
}: NumberTraits = {}): Target<Compiled> {
  return {
    traits: {
      maxInputs,
      lanes: () => lanes,
      chunks: (outputs, reduced) => (outputs < longRow && reduced >= longRow ? largestPart(reduced) : 1),
      storedAs,
      missingFor: () => undefined,
      scalarBytes: bytesOfScalar,
    },
    compile(work, bindings) {
      if (bindings.inputs.length > maxInputs) {
        throw new RangeError(
          `a kernel reads ${bindings.inputs.length} inputs, at most ${maxInputs} are allowed`,
        );
      }
      return { bindings, kernel: numberKernel(work, bindings, lanes) };
    },
  };
}

/** The largest of 4, 3 and 2 that divides `length`, else 1. */
function largestPart(length: number): number {
  return [4, 3, 2].find((parts) => length % parts === 0) ?? 1;
}

/** Ids are unique over all machines. */
let nextId = 1;

/** Runs each step as it is submitted. What is released holds nonsense from then on, and is what is acquired next. */
function numberMachine(): Machine<NumberBlock, Compiled> {
  const free = new Map<number, NumberBlock[]>();
  let [live, peak] = [0, 0];
  const spoil = (block: NumberBlock): void => void new Uint8Array(block.data).fill(0xff);
  const acquire = (bytes: number): NumberBlock => {
    const block = free.get(bytes)?.pop() ?? { id: nextId++, bytes, data: new ArrayBuffer(bytes) };
    spoil(block);
    live += bytes;
    peak = Math.max(peak, live);
    return block;
  };
  const release = (block: NumberBlock): void => {
    live -= block.bytes;
    const list = free.get(block.bytes) ?? [];
    free.set(block.bytes, [...list, block].slice(-mostSpare));
  };
  return {
    maxBytes: 2 ** 32,
    scalarAlignment: 16,
    mostIdle: 2 ** 28,
    lost: undefined,
    acquire,
    release,
    write: (block, data) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      new Uint8Array(block.data).set(bytes);
    },
    submit: (launches, scalars) => launches.forEach((launch) => run(launch, scalars)),
    read: (block, bytes) => Promise.resolve(block.data.slice(0, bytes)),
    finish: () => Promise.resolve(),
    trim: () => free.clear(),
    memory: () => ({ live, pooled: 0, peak, kernels: 0 }),
  };
}

/** Blocks of one size that are kept. */
const mostSpare = 8;

function run(
  { compiled, buffers, scalarOffset, scalarBytes }: Launch<NumberBlock, Compiled>,
  scalars: Uint32Array<ArrayBuffer>,
): void {
  const { inputs, output } = compiled.bindings;
  const views = [...inputs, output].map((dtype, i) => viewAs(buffers[i].data, storedAs(dtype)));
  const words = new Uint32Array(scalars.buffer, scalarOffset, scalarBytes / 4);
  const floats = new Float64Array(scalars.buffer, scalarOffset, scalarBytes / bytesOfScalar);
  compiled.kernel({ inputs: views.slice(0, -1), words, floats }, views[views.length - 1]);
}

const facts: DeviceFacts = {
  name: "numbers",
  backend: "numbers",
  kind: "cpu",
  limits: {},
  features: ["float64"],
  most: { elements: 2 ** 32 - 1, bytes: 2 ** 32 },
  floatType: "float64",
  floatTypes: ["float64"],
};

export function numberDevice(traits?: NumberTraits): PlannedDevice<NumberBlock, Compiled> {
  return new PlannedDevice(facts, () =>
    Promise.resolve({ facts, target: numberTarget(traits), machine: numberMachine() }),
  );
}
