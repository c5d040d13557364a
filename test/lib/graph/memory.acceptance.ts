import { expect } from "chai";
import { devices, withDevice } from "../../../lib";
import { trainPlainly } from "../../support/training";

describe("device memory over 20,000 steps of a plain training loop", () => {
  it("is flat, and at most three times what one step holds beside what gathers between collections", async () => {
    const [gpu] = await devices();
    const { oneStep, live, peak } = await withDevice(gpu, () => trainPlainly(20_000));
    const quarter = Math.floor(live.length / 4);
    const [early, late] = [Math.max(...live.slice(0, quarter)), Math.max(...live.slice(-quarter))];
    expect(late).to.be.at.most(1.5 * early);
    // lib/gpu/reclaim.ts says what the rest is for.
    expect(peak).to.be.at.most(3 * oneStep + 4 * 2 ** 20);
  });
});
