import { expect } from "chai";
import * as augment from "../../../lib/augment";
import type { Params, Transform } from "../../../lib/augment";
import { paramsAt } from "../../../lib/augment/draws";
import { cpu, random, withDevice, type Tensor } from "../../../lib/tensor";
import { transforms } from "./support/transforms";

const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
const keyOf = (seed: number): Tensor => onCpu(() => random.key(seed));
const pictures = (shape: number[], seed = 3): Tensor => onCpu(() => random.uniform(random.key(seed), shape));

describe("the ranges that a transform says it draws from", () => {
  const shape = [500, 1, 24, 32];
  const sampled = async (transform: Transform, seed = 1): Promise<Record<string, number[]>> => {
    const params = onCpu(() => transform.sample(keyOf(seed), shape));
    const entries = Object.entries(params).map(
      async ([name, value]) => [name, Array.from(await (value as Tensor).data())] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  /** What cannot be read from the parameters by name: the numbers they were made of. */
  const derived: Record<string, (params: Record<string, number[]>) => Record<string, number[]>> = {
    randomResizedCrop: ({ height, width }) => ({
      area: height.map((h, i) => (h * width[i]) / (24 * 32)),
      ratio: height.map((h, i) => width[i] / h),
    }),
    randomErasing: ({ height, width }) => ({
      area: height.map((h, i) => (h * width[i]) / (24 * 32)).filter((area) => area > 0),
    }),
  };
  const made: Record<string, Transform> = {
    ...Object.fromEntries(Object.entries(transforms).map(([name, make]) => [name, make()])),
    "randomRotation one way": augment.randomRotation([5, 20]),
    "colorJitter of one": augment.colorJitter({ contrast: [0.2, 3] }),
    "randomErasing of small parts": augment.randomErasing({ scale: [0.1, 0.2], ratio: [0.5, 2] }),
  };

  for (const [name, transform] of Object.entries(made).filter(([, { draws }]) => draws !== undefined)) {
    it(`${name} draws from them, up to both ends, and its rest lies within`, async () => {
      const { numbers } = onCpu(() => transform.draws!(shape));
      const params = await sampled(transform);
      const values = derived[transform.name!]?.(params) ?? params;
      const isDerived = Object.hasOwn(derived, transform.name!);
      for (const [parameter, { range, rest, spacing }] of Object.entries(numbers)) {
        const [from, to] = range;
        // Areas and proportions are those of whole pixels.
        const slack = isDerived ? 0.1 * to : spacing === "whole" ? 0.5 : 1e-6;
        const [least, greatest] = [Math.min(...values[parameter]), Math.max(...values[parameter])];
        expect(least, parameter).to.be.within(from - slack, from + slack + 0.1 * (to - from));
        expect(greatest, parameter).to.be.within(to - slack - 0.1 * (to - from), to + slack);
        if (rest !== 0) expect(rest, parameter).to.be.within(from, to);
      }
    });

    it(`${name} can be made of them`, async () => {
      const draws = onCpu(() => transform.draws!([1, 3, 24, 32]));
      const images = pictures([1, 3, 24, 32]);
      const names = Object.keys(onCpu(() => transform.sample(keyOf(0), [1, 3, 24, 32])));
      for (const number of [undefined, ...Object.keys(draws.numbers)]) {
        const drawn = number === undefined ? {} : { [number]: draws.numbers[number].range[1] };
        const params: Params = onCpu(() => paramsAt(draws, drawn));
        expect(Object.keys(params).sort()).to.deep.equal([...names].sort());
        expect((await onCpu(() => transform.apply(params, images)).data()).every(Number.isFinite)).to.equal(true); // prettier-ignore
      }
    });
  }
});
