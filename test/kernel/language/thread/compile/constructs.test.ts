import { expect } from "chai";
import { compileFunction } from "node:vm";
import ts from "typescript";
import { Compiler } from "../../../../../kernel/language/thread/compile/compiler";
import { openConverter } from "../../../../../kernel/language/thread/tslab/typescript";
import { constructs } from "../support/constructs";
import { tokenEnds, notebookCells, watchedCompiler, wrongWith } from "../support/fuzz";

/** Every so manyth of all unfinished cells. */
const stepOfConstructs = 23;
const stepOfNotebooks = 601;

describe("the compiler and TypeScript's constructs", () => {
  const watched = watchedCompiler();
  const { compiler, crashes } = watched;
  let count = 0;
  const compile = (code: string) => compiler.compile(`In[${++count}]`, { source: code, code });

  /** What `code` declares by name, as values. */
  const valuesOf = (code: string) => {
    const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ESNext, true);
    return file.statements.flatMap((node) => {
      const isDeclared = "modifiers" in node && /\bdeclare\b/.test(node.getText());
      if (isDeclared) return [];
      if (ts.isVariableStatement(node))
        return node.declarationList.declarations.flatMap(({ name }) => namesIn(name));
      const isNamed =
        ts.isFunctionDeclaration(node) ||
        ts.isClassDeclaration(node) ||
        (ts.isEnumDeclaration(node) && !/\bconst\b/.test(node.getText()));
      return isNamed && node.name ? [node.name.text] : [];
    });
  };

  it("takes each, and again, and loses no name of those before", () => {
    for (const code of [...constructs, ...constructs]) {
      const { cell, diagnostics = [] } = compile(code);
      expect(diagnostics, code).to.deep.equal([]);
      expect(() => compileFunction(`return async () => {${cell?.code}\n}`), code).not.to.throw();
    }
    const names = new Set(constructs.flatMap(valuesOf));
    expect(compile(`[${[...names].join(", ")}];`).diagnostics ?? []).to.deep.equal([]);
    expect(crashes).to.deep.equal([]);
  });

  it("costs one cell at most, and no name of those before, when it crashes", () => {
    let crashes = 0;
    const crashing = new Compiler(() => {
      const converter = openConverter();
      const convert: typeof converter.convert = (declarations, code) => {
        if (!code.includes("crash")) return converter.convert(declarations, code);
        crashes++;
        throw new Error("Debug Failure.");
      };
      return { ...converter, convert };
    });
    const run = (code: string) => crashing.compile("In", { source: code, code });
    expect(run("const kept = { deep: 1 };").diagnostics).to.equal(undefined);
    expect(() => run("crash")).to.throw("Debug Failure.");
    expect(crashes, "it tries again").to.equal(2);
    const [found] = run("const text: string = kept.deep;").diagnostics ?? [];
    expect(found?.message).to.equal("Type 'number' is not assignable to type 'string'.");
    expect(crashing.complete("kept.de", 7).entries.map(({ text }) => text)).to.deep.equal(["deep"]);
  });

  it("says of an unfinished one what is wrong in it, and of no other place", () => {
    const unfinished = constructs.flatMap((code) => tokenEnds(code).map((end) => code.slice(0, end)));
    const sample = unfinished.filter((_, i) => i % stepOfConstructs === 0);
    expect(sample.flatMap((code) => wrongWith(code, watched))).to.deep.equal([]);
  });

  it("says of an unfinished cell of the notebooks what is wrong in it, and of no other place", () => {
    const unfinished = notebookCells().flatMap((code) => tokenEnds(code).map((end) => code.slice(0, end)));
    const sample = unfinished.filter((_, i) => i % stepOfNotebooks === 0);
    expect(sample.length).to.be.greaterThan(10);
    expect(sample.flatMap((code) => wrongWith(code, watched))).to.deep.equal([]);
  });
});
function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}
