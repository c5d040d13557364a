import { expect } from "chai";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, printedText, resultText } from "./support/client";

const begin = `
import { cpu, data, nn, optim, setDefaultDevice } from "saddle";
setDefaultDevice(cpu);
const set = data.iris();
const model = nn.sequential(nn.dense(8), nn.tanh(), nn.dense(3));
const said: nn.Callback = { onEpoch: ({ epoch }) => { if (epoch === 2) console.log("running"); } };
const fit = (epochs: number) =>
  nn.fit(model, optim.adam(), data.loader(set, { batchSize: 50 }), { epochs, callbacks: [said] });
`;

describe("a training in a cell", () => {
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute(begin);
  });
  after(() => kernel.close());

  it("shows a line of progress and curves that grow, and gives what it came to", async () => {
    const { outputs, reply } = await kernel.execute("const done = await fit(3);\ndone");
    expect(reply["status"]).to.equal("ok");
    const shown = outputs.filter(({ type }) => type === "display_data" || type === "update_display_data");
    const texts = shown.map(({ content }) => (content["data"] as Record<string, string>)["text/plain"]);
    expect(
      texts.some((text) => /training █+.* · epoch 3\/3 · loss .* · accuracy .* samples\/s/.test(text)),
    ).to.equal(true);
    expect(texts.some((text) => text.startsWith("Loss\ntraining: 9 points"))).to.equal(true);
  });

  it("that is interrupted stops, and its best so far is kept", async () => {
    const { reply } = await kernel.execute("const never = await fit(1e6);", {}, async () => {
      await kernel.printed("running");
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"]).to.equal("Interrupted");
    const epochs = () => kernel.execute("nn.lastTraining()!.history.epochs.length");
    await delay(200);
    const count = resultText(await epochs());
    await delay(100);
    expect(resultText(await epochs())).to.equal(count);
    const best = await kernel.execute("nn.lastTraining()!.best!.epoch >= 2");
    expect(resultText(best), printedText(best)).to.equal("true");
  });
});
