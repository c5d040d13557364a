import { expect } from "chai";
import { constructs } from "../support/constructs";
import { notebookCells, tokenEnds, watchedCompiler, wrongWith } from "../support/fuzz";

/** Of the notebooks every so manyth unfinished cell: each takes a hundredth of a second. */
const stepOfNotebooks = 7;

const unfinished = (code: string) => tokenEnds(code).map((end) => code.slice(0, end));

describe("the compiler and everything unfinished", () => {
  it("says what is wrong with it, and of no other place", () => {
    const watched = watchedCompiler();
    const texts = [
      ...constructs.flatMap(unfinished),
      ...notebookCells()
        .flatMap(unfinished)
        .filter((_, i) => i % stepOfNotebooks === 0),
    ];
    expect(texts.flatMap((code) => wrongWith(code, watched))).to.deep.equal([]);
  });
});
