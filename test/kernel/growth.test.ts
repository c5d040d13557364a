import { expect } from "chai";
import { KernelClient, printedText } from "./support/client";
import { growth } from "./support/heaps";

const collect = `require("v8").setFlagsFromString("--expose-gc");
for (let i = 0; i < 5; i++) {
  require("vm").runInNewContext("gc")();
  await new Promise((done) => setImmediate(done));
}
0`;

describe("thousands of cells", () => {
  it("leave less than 1 kB each in any thread of the kernel and of the session", async () => {
    const grown = await growth(900, 2500);
    expect(grown).to.have.all.keys("kernel 0", "kernel 1", "session 0", "session 1");
    for (const [thread, bytes] of Object.entries(grown)) expect(bytes, thread).to.be.below(1000);
  }).timeout(180_000);
});

describe("a cell long gone", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const manyCells = async () => {
    for (let i = 0; i < 300; i++) await kernel.execute(`${i}`);
    await kernel.execute(collect);
  };
  const traceback = async (code: string) =>
    ((await kernel.execute(code)).reply["traceback"] as string[]).join("\n");

  it("prints, shows and asks late as itself", async () => {
    await kernel.execute(`let open = () => undefined as void;
const gate = new Promise<void>((done) => (open = done));`);
    await kernel.execute(`void (async () => {
  await gate;
  console.log("late");
  display("shown late");
  await input("asked late");
})();
const ticking = setInterval(() => console.log("tick"), 20);`);
    const old = kernel.latest;
    await manyCells();
    const said = (text: string) =>
      kernel.next((_, { content }) => JSON.stringify(content).includes(text)).then(({ parent }) => parent);
    const parents = ["late\\n", "shown late", "asked late", "tick"].map(said);
    const opening = await kernel.execute("open(); 0");
    expect(await Promise.all(parents)).to.deep.equal([old, old, old, old]);
    expect(printedText(opening)).to.equal("");
    await kernel.execute("clearInterval(ticking)");
  });

  it("is shown in tracebacks as long as any of its code is left", async () => {
    await kernel.execute(`let note = "first";

function strict(x: number): number {
  if (x < 0) throw new Error("x must not be below 0");
  return x;
}`);
    await manyCells();
    expect(await traceback("[1, -1].map(strict)")).to.match(
      /> 4 \| {3}if \(x < 0\) throw new Error[^]*at strict \(In\[\d+\]:4:20\)/,
    );
  });

  it("is shown in the traceback of an error that outlives its code", async () => {
    await kernel.execute(`\nconst kept = new Error("of old");\nkept.stack!.length`);
    await manyCells();
    expect(await traceback("throw kept")).to.match(/> 2 \| const kept[^]*at In\[\d+\]:2:14/);
  });
});
