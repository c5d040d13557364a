import { expect } from "chai";
import { KernelClient, printedText, resultText } from "./support/client";

describe("subshells", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const create = async () => {
    const { subshell_id: id } = await kernel.request("control", "create_subshell_request", {});
    return id as string;
  };
  const list = async () => (await kernel.request("control", "list_subshell_request", {}))["subshell_id"];

  it("are offered, listed and deleted", async () => {
    const info = await kernel.request("shell", "kernel_info_request", {});
    expect(info["supported_features"]).to.include("kernel subshells");
    const [first, second] = [await create(), await create()];
    expect(await list()).to.deep.equal([first, second]);
    for (const id of [first, second]) {
      const deleted = await kernel.request("control", "delete_subshell_request", { subshell_id: id });
      expect(deleted).to.deep.equal({ status: "ok" });
    }
    expect(await list()).to.deep.equal([]);
    const again = await kernel.request("control", "delete_subshell_request", { subshell_id: first });
    expect(again["evalue"]).to.contain(first);
    const late = await kernel.request("shell", "execute_request", { code: "1" }, { subshell: first });
    expect(late).to.deep.include({ status: "error", evalue: "no such subshell" });
  });

  it("execute while a cell of the main shell waits, each with its own output", async () => {
    const subshell = await create();
    const code = `let go = () => {};\nconst gate = new Promise<void>((done) => (go = done));
console.log("waiting");\nawait gate;\nconsole.log("went on")`;
    let inner = { text: "", count: 0 };
    const outer = await kernel.execute(code, {}, async () => {
      await kernel.printed("waiting");
      const execution = await kernel.execute(
        `console.log("opening"); go(); await null; console.log("opened")`,
        {
          subshell,
        },
      );
      inner = { text: printedText(execution), count: execution.reply["execution_count"] as number };
    });
    expect(printedText(outer)).to.equal("waiting\nwent on\n");
    expect(inner).to.deep.equal({
      text: "opening\nopened\n",
      count: (outer.reply["execution_count"] as number) + 1,
    });
  });

  it("abort no cells but their own", async () => {
    const subshell = await create();
    const failing = [kernel.execute("throw 1", { subshell }), kernel.execute("2", { subshell })];
    const main = kernel.execute("3");
    expect((await Promise.all(failing)).map(({ reply }) => reply["status"])).to.deep.equal([
      "error",
      "aborted",
    ]);
    expect(resultText(await main)).to.equal("3");
  });
});
