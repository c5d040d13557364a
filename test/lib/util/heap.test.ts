import { expect } from "chai";
import fc from "fast-check";
import { Heap } from "../../../lib/util/heap";

/** A number is pushed, undefined pops. */
const uses = fc.array(fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined, freq: 2 }));

describe("a heap", () => {
  it("gives the least of what it holds, as sorting does", () => {
    fc.assert(
      fc.property(uses, (list) => {
        const heap = new Heap<number>((a, b) => a < b);
        const held: number[] = [];
        for (const x of list) {
          if (x === undefined) expect(heap.pop()).to.equal(held.sort((a, b) => a - b).shift());
          else {
            heap.push(x);
            held.push(x);
          }
        }
      }),
    );
  });
});
