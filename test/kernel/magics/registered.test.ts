import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KernelClient, resultText } from "../support/client";

describe("a registered magic", () => {
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute(`magics.register("scale", (x: number, { by = 2, byHalf }: { by?: number; byHalf?: boolean }) =>
  byHalf ? x / 2 : x * by, {
  summary: "Scales.",
  options: [
    { name: "by", type: "expression", help: "the factor" },
    { name: "by-half", type: "flag", help: "halves" },
  ],
});`);
  });
  after(() => kernel.close());

  const valueOf = async (code: string) => resultText(await kernel.execute(code));

  it("is called with what is before its options, and with them", async () => {
    expect(await valueOf("const s = %scale 1 + 2 --by 5\ns + 1")).to.equal("16");
    expect(await valueOf("%scale 4 --by-half")).to.equal("2");
  });

  it("is completed, listed and explained like the others, and its errors name the nearest", async () => {
    const completed = await kernel.request("shell", "complete_request", { code: "%sca", cursor_pos: 4 });
    expect(completed["matches"]).to.deep.equal(["scale"]);
    expect(await valueOf("%lsmagic")).to.contain("`%scale` — Scales.");
    expect(await valueOf("%help scale")).to.contain("%scale expression [--by expression] [--by-half]");
    expect((await kernel.execute("%scale 1 --bi 3")).reply["evalue"]).to.contain("Did you mean --by?");
  });

  it("may come from a module, and take a whole cell as text", async () => {
    writeFileSync(
      join(kernel.folder, "shout.ts"),
      `magics.register("shout", async (text: string) => text.toUpperCase(), { summary: "Shouts.", takes: "cell" });
export {};
`,
    );
    await kernel.execute(`import "./shout"`);
    expect(await valueOf("%%shout\nit's 50% of `a\n%%who")).to.equal('"IT\'S 50% OF `A\\n%%WHO"');
  });

  it("is refused with what is wrong about it", async () => {
    const refused = async (code: string) => (await kernel.execute(code)).reply["evalue"];
    expect(await refused(`magics.register("a b", () => 1, { summary: "" })`)).to.contain('got "a b"');
    const option = `{ summary: "", options: [{ name: "X", type: "flag", help: "" }] }`;
    expect(await refused(`magics.register("x", () => 1, ${option})`)).to.contain("an option's name");
  });

  it("goes with its session", async () => {
    await kernel.execute("process.exit()");
    expect((await kernel.execute("%scale 1")).reply["evalue"]).to.contain("no magic %scale");
  });
});
