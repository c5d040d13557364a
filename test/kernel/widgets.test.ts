import { expect } from "chai";
import { KernelClient, resultText } from "./support/client";
import type { Message } from "./support/client";

type State = Record<string, unknown>;

describe("widgets", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  /** Runs a cell that makes one control, and returns the id and the first state of its model. */
  const open = async (code: string) => {
    const { outputs } = await kernel.execute(code);
    const opened = outputs.filter(({ type }) => type === "comm_open").at(-1)!;
    const { state } = opened.content["data"] as { state: State };
    return { id: opened.content["comm_id"] as string, state, cell: opened.parent };
  };
  const printed = (text: string) =>
    kernel.next((_, { type, content }) => type === "stream" && content["text"] === text);
  const say = (id: string, data: object) => kernel.send("shell", "comm_msg", { comm_id: id, data });
  const valueOf = async (name: string) => resultText(await kernel.execute(`${name}.value`));
  const idleAfter = (id: string) =>
    kernel.next((_, { parent, content }) => parent === id && content["execution_state"] === "idle");

  it("are opened as models of ipywidgets, and show themselves", async () => {
    const { id, state } = await open(
      "const plain = widgets.slider({ label: 'p', min: 0, max: 4, value: 1 })",
    );
    expect(state).to.deep.include({ _model_name: "FloatSliderModel", min: 0, max: 4, value: 1, step: 0.04 });
    const { outputs } = await kernel.execute("plain");
    const shown = outputs.find(({ type }) => type === "execute_result")!.content["data"];
    expect(shown).to.deep.equal({
      "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0, model_id: id },
      "text/plain": "p = 1",
    });
  });

  it("change in the cell when they change in the front end, and call its listeners", async () => {
    const { id, cell } = await open(
      "const rate = widgets.slider({ min: 0.01, max: 1, log: true }).onChange((x) => console.log('now', x))",
    );
    const heard = printed("now 0.1\n");
    say(id, { method: "update", state: { value: -1 }, buffer_paths: [] });
    expect((await heard).parent).to.equal(cell);
    expect(await valueOf("rate")).to.equal("0.1");
  });

  it("change in the front end when they are assigned, and call nobody", async () => {
    const { id } = await open(
      "const box = widgets.checkbox({ label: 'b' }).onChange(() => console.log('called'))",
    );
    const { outputs } = await kernel.execute("box.value = true;\nundefined");
    expect(outputs.map(({ content }) => content)).to.deep.equal([
      { comm_id: id, data: { method: "update", state: { value: true }, buffer_paths: [] } },
    ]);
  });

  it("tell a front end that comes later where they stand, in the words of its version", async () => {
    const { id } = await open("const choice = widgets.select({ options: ['sgd', 'adam'] })");
    say(id, { method: "update", state: { index: 1 }, buffer_paths: [] });
    const told = () =>
      kernel.next((_, { type, content }) => type === "comm_msg" && content["comm_id"] === id);
    const stateOf = ({ content }: Message) => (content["data"] as { state: State }).state;
    await told();
    expect(await valueOf("choice")).to.equal("'adam'");
    const answer = told();
    say(id, { method: "request_state" });
    expect(stateOf(await answer)).to.deep.include({ index: 1, _model_module: "@jupyter-widgets/controls" });
    kernel.send("shell", "comm_open", { comm_id: "v", target_name: "jupyter.widget.version", data: {} });
    const legacyAnswer = told();
    say(id, { method: "request_state" });
    expect(stateOf(await legacyAnswer)).to.deep.include({
      value: "adam",
      _model_module: "jupyter-js-widgets",
    });
  });

  it("are found again by a page that is loaded anew", async () => {
    const { id } = await open("const found = widgets.slider({ label: 'f', min: 0, max: 1, value: 0.5 })");
    await kernel.execute("found.value = 0.25");
    const page = await KernelClient.connect(kernel);
    const { comms } = await page.request("shell", "comm_info_request", { target_name: "jupyter.widget" });
    expect(comms).to.deep.include({ [id]: { target_name: "jupyter.widget" } });
    const answerOf = async (comm: string, data: object) => {
      const told = page.next((_, { type, content }) => type === "comm_msg" && content["comm_id"] === comm);
      const asked = page.send("shell", "comm_msg", { comm_id: comm, data });
      const { parent, content } = await told;
      // The front end knows the answer by this alone.
      expect(parent).to.equal(asked);
      return content["data"] as { method: string; state: State; states: Record<string, State> };
    };
    page.send("shell", "comm_open", { comm_id: "c", target_name: "jupyter.widget.control", data: {} });
    const { method, states } = await answerOf("c", { method: "request_states" });
    expect(method).to.equal("update_states");
    // All models, those that others refer to among them.
    const models = Object.keys(comms as object).filter((each) => each !== "c");
    expect(Object.keys(states)).to.have.members(models);
    for (const model of models) {
      const { state } = await answerOf(model, { method: "request_state" });
      expect(states[model]).to.deep.include({ model_name: state["_model_name"], state });
    }
    expect(states[id]["state"]).to.deep.include({ _model_name: "FloatSliderModel", value: 0.25 });
    expect(models).to.include(String((states[id]["state"] as State)["style"]).replace("IPY_MODEL_", ""));
    page.leave();
  });

  it("keep the front end busy until a listener is done, which can be interrupted", async () => {
    const { id } = await open(
      "const button = widgets.button('x').onClick(() => { console.log('in it'); while (true) {} })",
    );
    const started = printed("in it\n");
    const idle = idleAfter(say(id, { method: "custom", content: { event: "click" } }));
    await started;
    await kernel.request("control", "interrupt_request", {});
    await idle;
    expect(resultText(await kernel.execute("1 + 1"))).to.equal("2");
  });

  it("refuse what is no value of theirs", async () => {
    const evalueOf = async (code: string) => (await kernel.execute(code)).reply["evalue"];
    expect(await evalueOf("widgets.slider({ min: 1, max: 0 })")).to.contain("min must be below max");
    expect(await evalueOf("widgets.slider({ min: 0, max: 1, log: true })")).to.contain("must be positive");
    expect(await evalueOf("widgets.slider({ min: 0, max: 1 }).value = 2")).to.contain("from 0 to 1, got 2");
    expect(await evalueOf("widgets.select({ options: [] as string[] })")).to.contain("array of choices");
  });
});
