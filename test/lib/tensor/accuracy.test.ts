import { expect } from "chai";
import * as sd from "../../../lib";
import { composedBounds, type ComposedBound } from "../../support/composedBounds";
import { cpu, devices, tensor, withDevice, type Device, type Tensor } from "../../../lib";

type Unary = (x: Tensor) => Tensor;

/** How far `found` is from `wanted`, in units of the last place that `wanted` has in float32. */
function unitsApart(found: number, wanted: number): number {
  const rounded = Math.fround(wanted);
  if (Object.is(found, rounded) || found === rounded) return 0;
  const smallest = 2 ** -126;
  // A GPU may take what is denormal for zero.
  if (Math.abs(rounded) < smallest) return Math.abs(found) <= 1.01 * smallest ? 0 : Infinity;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(rounded))) - 23);
  const apart = Math.abs(found - wanted) / unit;
  return Number.isNaN(apart) ? Infinity : apart;
}

/** Float32 numbers of both signs and of every size, evenly many in each binade. */
const everySize = Float32Array.from({ length: 254 * 48 }, (_, i) => {
  const [exponent, k] = [Math.floor(i / 48) - 126, i % 48];
  return (k % 2 === 0 ? 1 : -1) * (1 + ((k * 0.6180339887) % 1)) * 2 ** exponent;
});

/** To 16 digits, from tables (DLMF 7, Abramowitz & Stegun 26). */
const normalTails: readonly (readonly [number, number])[] = [
  [-1, 0.15865525393145705],
  [-2, 0.022750131948179209],
  [-3, 0.0013498980316300946],
  [-5, 2.8665157187919391e-7],
  [-10, 7.6198530241605261e-24],
];

describe("functions of floats", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  async function worst(
    f: (...x: Tensor[]) => Tensor,
    ...inputs: readonly ArrayLike<number>[]
  ): Promise<{ units: number; at: number[] }> {
    const values = async (device: Device): Promise<ArrayLike<number>> =>
      withDevice(device, () => f(...inputs.map((x) => tensor(Float64Array.from(x))))).data();
    const [found, wanted] = [await values(gpu), await values(cpu)];
    let most = { units: 0, at: [] as number[] };
    for (let i = 0; i < wanted.length; i++) {
      const units = unitsApart(found[i], wanted[i]);
      if (units > most.units) most = { units, at: inputs.map((x) => x[i]) };
    }
    return most;
  }

  for (const [name, { ulps, from = -Infinity }] of Object.entries<ComposedBound>(composedBounds)) {
    it(`${name} is right to ${ulps} units in the last place at numbers of every size`, async () => {
      const f = sd[name as keyof typeof composedBounds] as Unary;
      const { units, at } = await worst(
        f,
        everySize.filter((x) => x > from),
      );
      expect(units, `at ${at[0]}`).to.be.at.most(ulps);
    });
  }

  it("sin, cos and tan know where in a turn the largest numbers lie", async () => {
    // sin(1e8) and sin(2¹⁰⁰) to 16 digits; the last is float32's greatest.
    const x = [1e8, 2 ** 100, 3.4028234663852886e38];
    const found = await withDevice(gpu, () => tensor(x).sin()).data();
    const wanted = [0.931639027109726, -0.8721836054182673, -0.5218765233336585];
    wanted.forEach((w, i) => expect(found[i], `sin(${x[i]})`).to.be.closeTo(w, 1e-7));
  });

  it("gelu keeps the digits of its tail, on each device", async () => {
    for (const device of [cpu, gpu]) {
      const x = normalTails.map(([at]) => at);
      const found = await withDevice(device, () => tensor(x).gelu()).data();
      const tolerance = device === cpu ? 1e-14 : 1e-6;
      normalTails.forEach(([at, tail], i) =>
        expect(found[i] / (at * tail), `gelu(${at}) on ${device.name}`).to.be.closeTo(1, tolerance),
      );
    }
  });

  it("erfinv is infinite at the ends and NaN beyond, on each device", async () => {
    for (const device of [cpu, gpu]) {
      const found = await withDevice(device, () => tensor([1, -1, 1.5, -2, NaN, 0, -0]).erfinv()).array();
      expect(found, device.name).to.deep.equal([Infinity, -Infinity, NaN, NaN, NaN, 0, -0]);
    }
  });
});
