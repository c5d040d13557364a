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
    // A step of a megabyte makes its garbage faster than a collector that may take 8 % of the time is asked: 9.7 MB at
    // most were measured on a machine of two busy cores.
    expect(peak).to.be.at.most(3 * oneStep + 16 * 2 ** 20);
  });
});
