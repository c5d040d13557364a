import { expect } from "chai";
import { growth } from "./support/heaps";

describe("10,000 cells", () => {
  it("leave less than 1 kB each in any thread of the kernel and of the session", async () => {
    const grown = await growth(2000, 10_000);
    expect(grown).to.have.all.keys("kernel 0", "kernel 1", "session 0", "session 1");
    for (const [thread, bytes] of Object.entries(grown)) expect(bytes, thread).to.be.below(1000);
  });
});
