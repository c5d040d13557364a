import { expect } from "chai";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { report, tensor } from "../../../lib";
import { plansMade, type PlanMessage } from "../../../lib/device/plansMade";

describe("a profile", () => {
  it("tells how long planning took, which work of the same shapes does not do again", async () => {
    const work = (): Promise<unknown> => tensor([1, 2, 3, 4, 5]).mul(1.5).cos().cumsum(0).data();
    const first = (await report.profile(work)).numbers;
    // What other work left for the background may be planned meanwhile.
    const heard: PlanMessage[] = [];
    const hear = (message: unknown): void => void heard.push(message as PlanMessage);
    subscribe(plansMade.name, hear);
    const second = (await report.profile(work)).numbers;
    unsubscribe(plansMade.name, hear);
    expect(first.planSeconds).to.be.within(1e-6, first.wallSeconds);
    expect(heard.filter(({ ops }) => ops.includes("cumsum"))).to.deep.equal([]);
    expect(second.planSeconds).to.be.closeTo(
      heard.reduce((sum, { seconds }) => sum + seconds, 0),
      1e-9,
    );
  });

  it("says of a plan that took over a second what it was for, and of no other", async () => {
    const made = (message: PlanMessage): void => plansMade.publish(message);
    const found = await report.profile(() => {
      made({ ops: ["sum", "matmul"], nodes: 5000, steps: 70, seconds: 1.25 });
      made({ ops: ["exp"], nodes: 3, steps: 1, seconds: 0.9 });
    });
    const text = found.toString();
    expect(text).to.match(/Planning sum, matmul took 1\.3 s, for 5000 nodes in 70 kernels/);
    expect(text).not.to.match(/exp took/);
    expect(found.numbers.planSeconds).to.equal(2.15);
  });
});
