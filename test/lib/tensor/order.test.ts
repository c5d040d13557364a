import { expect } from "chai";
import {
  argsort,
  cpu,
  cumsum,
  devices,
  grad,
  scatterAdd,
  sort,
  take,
  takeAlongAxis,
  tensor,
  topK,
  vmap,
  withDevice,
  zeros,
  type Device,
  type Tensor,
} from "../../../lib";

const unordered = [3, NaN, 1, -0.5, 0, Infinity, -Infinity, NaN, 1];

describe("orderings", () => {
  let all: Device[];
  before(async () => (all = await devices()));
  const everywhere = async (check: () => Promise<void>): Promise<void> => {
    for (const device of all) await withDevice(device, check);
  };

  it("sort ascending with NaN last, equal elements in their order", () =>
    everywhere(async () => {
      const x = tensor(unordered);
      expect(await sort(x).array()).to.deep.equal([-Infinity, -0.5, 0, 1, 1, 3, Infinity, NaN, NaN]);
      expect(await argsort(x).array()).to.deep.equal([6, 3, 4, 2, 8, 0, 5, 1, 7]);
      expect(await argsort(x, 0, { descending: true }).array()).to.deep.equal([1, 7, 5, 0, 2, 8, 4, 3, 6]);
    }));

  it("sort along any axis, and integers and bool too", () =>
    everywhere(async () => {
      const x = tensor([
        [3, 1, 2],
        [0, 5, 2],
      ]).astype("int32");
      expect(await sort(x, 0).array()).to.deep.equal([
        [0, 1, 2],
        [3, 5, 2],
      ]);
      expect(await sort(x, -1, { descending: true }).array()).to.deep.equal([
        [3, 2, 1],
        [5, 2, 0],
      ]);
      expect(await sort(tensor([true, false, true])).array()).to.deep.equal([false, true, true]);
    }));

  it("give the k greatest with their positions, of equal ones the first", () =>
    everywhere(async () => {
      const { values, indices } = topK([[3, 1, 3, 2]], 3);
      expect(await values.array()).to.deep.equal([[3, 3, 2]]);
      expect(await indices.array()).to.deep.equal([[0, 2, 3]]);
    }));

  it("bring gradients back to where the elements came from, also over a batch", () =>
    everywhere(async () => {
      const weighted = (x: Tensor): Tensor => topK(x, 2).values.mul([1, 10]).sum();
      expect(await grad(weighted)([4, 9, 6]).array()).to.deep.equal([0, 1, 10]);
      const each = vmap(grad(weighted));
      expect(
        await each([
          [4, 9, 6],
          [3, 2, 1],
        ]).array(),
      ).to.deep.equal([
        [0, 1, 10],
        [1, 10, 0],
      ]);
    }));

  it("sum up to each element, which NaN and infinity spoil only from where they stand", () =>
    everywhere(async () => {
      expect(await cumsum([1, 2, NaN, 4]).array()).to.deep.equal([1, 3, NaN, NaN]);
      expect(
        await cumsum(
          [
            [1, 2],
            [3, 4],
          ],
          0,
        ).array(),
      ).to.deep.equal([
        [1, 2],
        [4, 6],
      ]);
      expect(
        await cumsum([
          [1, 2],
          [3, 4],
        ]).array(),
      ).to.deep.equal([1, 3, 6, 10]);
      expect(await cumsum(tensor([true, true, false])).array()).to.deep.equal([1, 2, 2]);
    }));

  it("of nothing are nothing", () =>
    everywhere(async () => {
      const none = tensor([]);
      expect(await sort(none).array()).to.deep.equal([]);
      expect(await cumsum(none).array()).to.deep.equal([]);
      expect(await topK(none, 0).values.array()).to.deep.equal([]);
    }));

  it("refuse bad axes, counts and options", () => {
    expect(() => sort([1, 2], 1)).to.throw("sort: axis 1 is out of range for a tensor of 1 dimension");
    expect(() => topK([1, 2], 3)).to.throw(/k must be an integer from 0 to 2.*got 3/);
    expect(() => argsort([1], 0, { ascending: true } as never)).to.throw(/unknown option "ascending"/);
    expect(() => sort([1], 0, { descending: 1 as never })).to.throw(
      /descending must be true or false, got 1/,
    );
  });
});

describe("reading and adding at positions", () => {
  let all: Device[];
  before(async () => (all = await devices()));
  const everywhere = async (check: () => Promise<void>): Promise<void> => {
    for (const device of all) await withDevice(device, check);
  };

  it("takes from a constant, whose kernel has no use for the positions", () =>
    everywhere(async () => {
      expect(await take(zeros([4]).add(2), [3, 1], 0).array()).to.deep.equal([2, 2]);
      expect(await take(zeros([4]), [3, 1], 0).array()).to.deep.equal([0, 0]);
    }));

  it("takes the nearest end for positions out of range, and counts negative ones from the end", () =>
    everywhere(async () => {
      const x = tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect(await take(x, [-1, 5, -9], 1).array()).to.deep.equal([
        [3, 3, 1],
        [6, 6, 4],
      ]);
      expect(await takeAlongAxis(x, [[-1], [7]], 1).array()).to.deep.equal([[3], [6]]);
    }));

  it("keeps NaN and infinity to their own places when adding", () =>
    everywhere(async () => {
      const updates = tensor([NaN, 1, Infinity]);
      expect(await scatterAdd([0, 0, 0, 0], [0, 2, 3], updates).array()).to.deep.equal([NaN, 0, 1, Infinity]);
    }));

  it("adds up what falls on one place, and the gradient reads it back", () =>
    everywhere(async () => {
      expect(await scatterAdd([1, 1], [0, 0, 1, 7], [1, 2, 3, 4]).array()).to.deep.equal([4, 4]);
      const back = grad((u: Tensor) => scatterAdd([0, 0], [0, 1, 1], u).mul([1, 5]).sum());
      expect(await back([1, 1, 1]).array()).to.deep.equal([1, 5, 5]);
    }));

  it("over a batch each with its own positions", () =>
    everywhere(async () => {
      const pick = vmap((x: Tensor, at: Tensor) => take(x, at, 0));
      const positions = tensor([
        [2, 0],
        [1, 1],
      ]).astype("int32");
      expect(
        await pick(
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          positions,
        ).array(),
      ).to.deep.equal([
        [3, 1],
        [5, 5],
      ]);
    }));

  it("refuses to take from an empty axis, and indices that do not fit", () =>
    withDevice(cpu, () => {
      expect(() => take(tensor([]), [0], 0)).to.throw("take: axis 0 of shape [0] has no element to take");
      expect(() => takeAlongAxis([[1, 2]], [[0], [0]], 1)).to.throw(
        "takeAlongAxis: indices of shape [2, 1] do not fit x of shape [1, 2] along axis 1",
      );
      expect(() => take([1, 2], [true], 0)).to.throw(/indices must be integers, got bool/);
    }));
});
