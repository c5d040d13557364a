import { expect } from "chai";
import { declarationsOf } from "../../../kernel/headless/declarations";
import type { Cell, Notebook } from "../../../kernel/headless/notebook";
import { textOf } from "../../../kernel/headless/notebook";
import { injectParameters, readParameters } from "../../../kernel/headless/parameters";

const code = (source: string, tags: string[] = [], id = "x"): Cell => ({
  ...{ cell_type: "code", id, source, metadata: { tags }, execution_count: null, outputs: [] },
});
const notebookOf = (cells: readonly Cell[]): Notebook => ({
  cells,
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

describe("the parameters of a run", () => {
  it("are numbers, booleans, null, JSON, and strings else", () => {
    const read = (text: string) => readParameters([["x", text]]).get("x");
    const values: readonly (readonly [string, unknown])[] = [
      ...[
        ["1", 1],
        ["-0.5", -0.5],
        ["1e-3", 0.001],
        [".5", 0.5],
        ["+2", 2],
        ["3.", 3],
        ["NaN", NaN],
      ],
      ...[
        ["-Infinity", -Infinity],
        ["true", true],
        ["False", false],
        ["null", null],
        ["None", null],
      ],
      ...[
        ["mlp", "mlp"],
        ["", ""],
        ["a b", "a b"],
        ["1_000", "1_000"],
        ["1.2.3", "1.2.3"],
        ["0x10", "0x10"],
      ],
      ...[
        ['"5"', "5"],
        ["[64, 10]", [64, 10]],
        ['{"a": [true]}', { a: [true] }],
        ["it's", "it's"],
      ],
    ] as never;
    for (const [text, value] of values) expect(read(text), text).to.deep.equal(value);
    expect([
      ...readParameters([
        ["a", "1"],
        ["a", "2"],
      ]),
    ]).to.deep.equal([["a", 2]]);
  });

  it("are refused by their names", () => {
    const refusal = (name: string, text: string) => () => readParameters([[name, text]]);
    expect(refusal("layers", "[1,")).to.throw("-p layers [1,: begins as JSON and is none");
    expect(refusal("seed", "12345678901234567890")).to.throw(
      "-p seed 12345678901234567890: no number is that",
    );
    expect(refusal("big", "1e999")).to.throw("-p big 1e999");
    for (const name of ["1x", "a-b", "a=1", "class", "await", ""]) {
      expect(refusal(name, "1"), name).to.throw(`-p ${name}: wanted the name of a variable`);
    }
  });

  it("stand behind the cell that declares them, with its keywords and types", () => {
    const declaring =
      'let rate: number = 0.1, name = "a";\nconst layers: Array<[number, number]> = [];\nif (rate) { let inner = 1 }';
    const notebook = notebookOf([code("0"), code(declaring, ["parameters"]), code("rate")]);
    const parameters = readParameters([
      ["rate", "2"],
      ["layers", "[[1, 2]]"],
      ["name", "b"],
      ["inner", "3"],
    ]);
    const { unknown, declared } = injectParameters(notebook, parameters, declarationsOf);
    expect({ unknown, declared }).to.deep.equal({ unknown: ["inner"], declared: ["rate", "name", "layers"] });
    expect(notebook.cells.map(({ metadata }) => metadata.tags)).to.deep.equal([
      [],
      ["parameters"],
      ["injected-parameters"],
      [],
    ]);
    expect(textOf(notebook.cells[2].source)).to.equal(
      '// Parameters\nlet rate: number = 2;\nconst layers: Array<[number, number]> = [[1,2]];\nlet name = "b";\nconst inner = 3;',
    );
  });

  it("take the place of those of an earlier run, and its id", () => {
    const notebook = notebookOf([
      code("let a = 1", ["parameters"]),
      code("1"),
      code("let a = 2", ["injected-parameters"], "old"),
    ]);
    injectParameters(notebook, readParameters([["a", "3"]]), declarationsOf);
    expect(notebook.cells.map(({ source }) => textOf(source))).to.deep.equal([
      "let a = 1",
      "1",
      "// Parameters\nlet a = 3;",
    ]);
    expect(notebook.cells[2].id).to.equal("old");
  });

  it("stand before all cells where none declares any", () => {
    const notebook = notebookOf([code("1"), { ...code("# a", ["parameters"]), cell_type: "markdown" }]);
    const { unknown, declared } = injectParameters(notebook, readParameters([["a", "NaN"]]), declarationsOf);
    expect({ unknown, declared }).to.deep.equal({ unknown: ["a"], declared: [] });
    expect(textOf(notebook.cells[0].source)).to.equal("// Parameters\nconst a = NaN;");
  });
});
