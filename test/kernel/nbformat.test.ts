import { expect } from "chai";
import { faultsIn, notebookStoring } from "../support/nbformat";
import { KernelClient } from "./support/client";

const stored = ["stream", "display_data", "update_display_data", "execute_result", "error"];

/** What cells publish, all kinds of it, the odd ones too. */
const cells = [
  "console.log('out'); console.error('err'); 1 + 1",
  "throw new Error('e')",
  "throw Object.assign(new Error('e'), { name: 3, message: { a: 1 }, stack: null })",
  "throw undefined",
  "throw { message: 5 }",
  "throw Object.create(null)",
  "const wrong: number = 'a'",
  "let a = Math.",
  "%nosuchmagic",
  "process.exit(3)",
  "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': { a: 1 }, 'text/plain': undefined }) })",
  "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': 5, 'image/svg+xml': null }) })",
  "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/markdown': ['a', 'b'], 'text/latex': ['a', 1] }) })",
  "const place = display({ 'text/html': '<b>b</b>', 'application/geo+json': [1, null] }); place.update({ 'text/html': 7 })",
  "display('x', { metadata: 5 as never })",
  "display({ 'application/json': null }); display.json({ a: [1] }); display.latex('x^2'); display.table([{ a: 1 }])",
  "display.image(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))",
  "import { viz, hessian, tensor } from 'saddle'; display(viz.line({ y: [1, NaN, 3] })); tensor([1, 2])",
  "%devices",
  "widgets.slider({ label: 'a', min: 0, max: 1 })",
];

describe("what cells publish", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  it("is what nbformat stores, whatever the cell", async () => {
    const published = [];
    for (const code of cells) {
      const { outputs } = await kernel.execute(code);
      published.push(outputs.filter(({ type }) => stored.includes(type)));
    }
    const kinds = new Set(published.flat().map(({ type }) => type));
    expect([...kinds]).to.have.members(stored);
    const faults = faultsIn(published.map(notebookStoring)).map((fault, index) => ({
      cell: cells[index],
      fault,
    }));
    expect(faults.filter(({ fault }) => fault !== null)).to.deep.equal([]);
  }).timeout(60_000);

  it("is told apart from what nbformat does not store", () => {
    const error = { ename: "E", evalue: "e", traceback: [] };
    const faults = faultsIn([
      notebookStoring([{ type: "error", content: error }]),
      notebookStoring([{ type: "error", content: { status: "error", ...error } }]),
    ]);
    expect(faults[0]).to.equal(null);
    expect(faults[1]).to.be.a("string");
  });
});
