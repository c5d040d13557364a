import { expect } from "chai";
import { Compiler } from "../../../../../kernel/language/thread/compile/compiler";
import { withoutDocs } from "../../../../../kernel/language/thread/tslab/docs";

describe("the doc comments of declaration files", () => {
  it("become mere comments, character for character, but for those that deprecate", () => {
    const text = [
      "/** Of the file. */",
      "export interface A {",
      "    /**",
      "     * Of a member, with an {@link A example}.",
      "     */",
      "    b: `/**`;",
      '    c: "/**" | "*/";',
      "    /** @deprecated since c */ d: 1;",
      "}",
      "/** is not closed",
    ];
    const expected = text.map((line, i) => (i === 0 || i === 2 ? line.replace("/**", "/* ") : line));
    expect(withoutDocs(text.join("\n"))).to.equal(expected.join("\n"));
    expect(withoutDocs("")).to.equal("");
  });

  it("are there when they are asked for: of Node, of the language, of what a class overrides, of saddle", () => {
    const compiler = new Compiler();
    const docs = (code: string, offset: number) => compiler.inspect(code, offset)?.documentation;
    const code =
      'import * as fs from "node:fs";\nimport { tensor } from "saddle";\n' +
      "class Table extends Map<string, number> { override get(key: string) { return 1; } }\nconst table = new Table();";
    const { diagnostics } = compiler.compile("In[1]", { source: code, code });
    expect(diagnostics).to.equal(undefined);
    expect(docs("fs.readFile", 5)).to.contain("Asynchronously reads the entire contents of a file.");
    expect(docs("fs.readFile", 5)).to.contain("*@param* path");
    expect(docs("Math.abs(1)", 6)).to.contain("Returns the absolute value of a number");
    expect(docs("table.get('a')", 8)).to.contain("Returns a specified element from the Map object.");
    expect(docs("tensor([1])", 3)).to.contain("A tensor of the numbers");
    expect(docs("fs.existsSync", 5)).to.contain("asynchronous version of\nthis API: {@link exists}.");
  });

  it("deprecate what is then completed last", () => {
    const { entries } = new Compiler().complete('"".sub', 6);
    expect(entries.map(({ text }) => text)).to.deep.equal(["substring", "sub", "substr"]);
  });
});
