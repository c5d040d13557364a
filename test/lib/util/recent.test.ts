import { expect } from "chai";
import { Recent } from "../../../lib/util/recent";

describe("a map that forgets", () => {
  it("forgets what was used least recently, once it weighs too much", () => {
    const forgotten: string[] = [];
    const map = new Recent<string, string>(4, (value) => forgotten.push(value));
    for (const key of ["a", "b", "c", "d"]) map.add(key, key.toUpperCase());
    expect(map.get("a")).to.equal("A");
    map.add("e", "E");
    expect(forgotten).to.deep.equal(["B", "C"]);
    expect(["a", "b", "c", "d", "e"].map((key) => map.get(key))).to.deep.equal([
      "A",
      undefined,
      undefined,
      "D",
      "E",
    ]);
  });

  it("keeps the newest however much it weighs", () => {
    const map = new Recent<string, number>(10);
    map.add("small", 1, 2);
    map.add("large", 2, 100);
    expect([map.get("small"), map.get("large"), map.size]).to.deep.equal([undefined, 2, 1]);
    map.add("next", 3, 1);
    expect([map.get("large"), map.get("next")]).to.deep.equal([undefined, 3]);
  });
});
