import { expect } from "chai";
import * as sd from "../../../lib";
import { cpu, devices, tensor, withDevice, type Device, type DType, type Tensor } from "../../../lib";
import { apply, type Node } from "../../../lib/graph/node";
import { registry } from "../../../lib/ops/registry";
import { wrap } from "../../../lib/tensor/tensor";
import { sizeOf } from "../../../lib/util/shapes";
import { samples, type Sample } from "./samples";

const dtypes = ["bool", "uint32", "int32", "float16", "float32"] as const;

/** Small whole numbers, which every dtype has. */
function inputOf(device: Device, shape: readonly number[], dtype: DType, seed: number): Node {
  const values = Int32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7 + seed * 3) % 5) % 2);
  return withDevice(device, () => tensor(values, { shape, dtype })).node;
}

/** What an op makes of inputs of these dtypes on `device`, or the message with which it is refused as it is built. */
function built(device: Device, name: string, sample: Sample, given: readonly DType[]): Tensor | string {
  const op = registry.find((o) => o.name === name)!;
  const inputs = sample.inputs.map(({ shape }, i) => inputOf(device, shape, given[i], i));
  try {
    return wrap(sample.make ? sample.make(inputs, device) : apply(op, inputs, sample.attrs));
  } catch (error) {
    if (error instanceof sd.ArgumentError) return error.message;
    throw error;
  }
}

describe("an op of any dtypes", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const { name, lowering } of registry.filter((op) => op.lowering.kind !== "host")) {
    const own = samples[name].filter(({ inputs }) => inputs.length > 0);
    if (own.length === 0) continue;
    it(`is refused as it is built, or computed on each device alike: ${name} (${lowering.kind})`, async () => {
      for (const sample of own) {
        for (const dtype of dtypes) {
          const mixed = sample.inputs.map(({ dtype: wanted }) => wanted ?? dtype);
          for (const given of [sample.inputs.map(() => dtype), mixed]) {
            const [there, here] = [built(gpu, name, sample, given), built(cpu, name, sample, given)];
            if (typeof there === "string" || typeof here === "string") {
              expect(typeof there, String(there)).to.equal(typeof here);
              continue;
            }
            const [found, wanted] = [await there.data(), await here.data()];
            wanted.forEach((w, i) => {
              const isSame =
                Object.is(found[i], w) || found[i] === w || (Number.isNaN(found[i]) && Number.isNaN(w));
              if (!isSame) expect(found[i], given.join()).to.be.closeTo(w, 1e-3 * Math.max(1, Math.abs(w)));
            });
          }
        }
      }
    });
  }
});

describe("a function of any dtype", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  const unary = [
    ..."neg abs sign floor ceil round exp expm1 log log1p sqrt rsqrt square reciprocal sin cos tan asin acos".split(" "), // prettier-ignore
    ..."atan sinh cosh tanh sigmoid erf erfinv relu leakyRelu elu gelu silu softplus logicalNot isNaN".split(
      " ",
    ),
    ..."sum mean max min prod variance std norm logsumexp argmax argmin any all softmax logSoftmax".split(
      " ",
    ),
    ..."cumsum sort argsort flip transpose".split(" "),
  ] as const;
  const binary = [
    ..."add sub mul div pow maximum minimum atan2 equal notEqual less lessEqual greater greaterEqual".split(
      " ",
    ),
    ..."logicalAnd logicalOr dot matmul outer".split(" "),
  ];

  for (const name of [...unary, ...binary]) {
    it(`works on each device, or is refused there by its name: ${name}`, async () => {
      const f = sd[name as keyof typeof sd] as unknown as (...x: Tensor[]) => Tensor;
      for (const dtype of dtypes) {
        const outcome = async (device: Device): Promise<string | ArrayLike<number>> => {
          const x = withDevice(device, () => tensor([1, 0, 1, 1], { dtype }));
          try {
            return await (binary.includes(name) ? f(x, x) : f(x)).data();
          } catch (error) {
            expect(error).to.be.instanceOf(sd.ArgumentError);
            return (error as Error).message;
          }
        };
        const [found, wanted] = [await outcome(gpu), await outcome(cpu)];
        if (typeof found === "string" || typeof wanted === "string") {
          expect(found).to.equal(wanted);
          expect(found).to.match(new RegExp(`^${name}: `));
        } else {
          Array.from(wanted).forEach((w, i) => {
            if (found[i] !== w && !Number.isNaN(w)) expect(found[i]).to.be.closeTo(w, 1e-3);
          });
        }
      }
    });
  }

  it("of bool has an order", async () => {
    for (const device of [gpu, cpu]) {
      const [a, b] = withDevice(device, () => [tensor([true, false]), tensor([false, false])]);
      expect(await a.greater(b).array()).to.deep.equal([true, false]);
      expect(await b.lessEqual(a).array()).to.deep.equal([true, true]);
    }
  });

  it("of uint32 counts modulo 2³²", async () => {
    for (const device of [gpu, cpu]) {
      const x = withDevice(device, () => tensor(Uint32Array.of(1, 4e9)));
      expect(Array.from(await x.neg().data())).to.deep.equal([2 ** 32 - 1, 2 ** 32 - 4e9]);
      expect(Array.from(await x.abs().data())).to.deep.equal([1, 4e9]);
    }
  });
});
