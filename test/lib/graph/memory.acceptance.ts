import { expect } from "chai";
import { trainPlainlyAlone } from "../../support/training";

describe("device memory over 20,000 steps of a plain training loop", () => {
  it("is flat, and at most three times what one step holds", async () => {
    const { oneStep, live, peak } = await trainPlainlyAlone(20_000);
    const quarter = Math.floor(live.length / 4);
    const [early, late] = [Math.max(...live.slice(0, quarter)), Math.max(...live.slice(-quarter))];
    expect(late).to.be.at.most(1.5 * early);
    expect(peak).to.be.at.most(3 * oneStep);
  });
});
