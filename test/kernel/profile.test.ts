import { expect } from "chai";
import { KernelClient, printedText, resultText } from "./support/client";

describe("%profile", () => {
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute(`import { random } from "saddle";
const a = random.normal(random.key(1), [64, 64]);`);
  });
  after(() => kernel.close());

  it("tells what each op took on the device, or that the device has no clock", async () => {
    const shown = resultText(await kernel.execute("const p = %profile a.matmul(a).exp().sum()\np"));
    expect(shown).to.contain("wall clock, ms");
    const summary = await kernel.execute(
      "console.log(Number.isNaN(p.numbers.deviceSeconds), p.numbers.ops.map(({ op }) => op).join())",
    );
    const [withoutClock, ops] = printedText(summary).trim().split(" ");
    if (withoutClock === "true") expect(shown).to.contain("no clock");
    else expect(ops.split(",")).to.include.members(["matmul", "sum"]);
  });

  it("measures a whole cell, also one that fails", async () => {
    for (const [last, status] of [
      ["await a.matmul(a).sum().item() > -1e9", "ok"],
      ["throw new Error('x')", "error"],
    ]) {
      const { reply, outputs } = await kernel.execute(`%%profile\n${last}`);
      expect(reply["status"]).to.equal(status);
      const texts = outputs.map(
        ({ content }) => (content["data"] as Record<string, string> | undefined)?.["text/plain"],
      );
      expect(texts.some((text) => text?.startsWith("Profile"))).to.equal(true);
    }
  });
});
