import { expect } from "chai";
import { setTimeout as delay } from "node:timers/promises";
import { Patience } from "../../../lib/gpu/patience";
import { rejection } from "../../support/close";

/** How often the event loop turns until `work` is done. */
async function turns(work: Promise<unknown>): Promise<number> {
  let count = 0;
  let isDone = false;
  const turn = (): void => {
    count++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work.finally(() => (isDone = true));
  return count;
}

describe("waiting for the device", () => {
  const wait = 100; // milliseconds
  /** With naps of a quarter of a millisecond at the most, after some that are shorter. */
  const most = 20 * wait;

  it("turns the event loop rarely, however much is waited for", async () => {
    const patience = new Patience();
    const works = Array.from({ length: 50 }, () => patience.until(delay(wait)));
    expect(await turns(Promise.all(works))).to.be.within(wait / 10, most);
  });

  it("lets the loop turn freely afterwards, though the work failed", async () => {
    const patience = new Patience();
    const failed = patience.until(delay(5).then(() => Promise.reject(new Error("lost"))));
    expect(await rejection(failed)).to.equal("lost");
    const patient = await turns(patience.until(delay(wait)));
    expect(await turns(delay(wait))).to.be.above(patient);
  });
});
