import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Compiler } from "../../../../../kernel/language/thread/compile/compiler";

describe("the compiler of cells", () => {
  const compiler = new Compiler();
  let count = 0;
  const compile = (code: string) => compiler.compile(`In[${++count}]`, { source: code, code });
  const errors = (code: string) => compile(code).diagnostics?.map(({ message }) => message) ?? [];
  const wrong = "Type 'number' is not assignable to type 'string'.";

  it("finds an error each time, and only while it is there", () => {
    for (let round = 0; round < 3; round++) {
      expect(errors("const text: string = 1")).to.deep.equal([wrong]);
      expect(errors("const text: string = 'a'")).to.deep.equal([]);
      expect(errors("// @ts-expect-error\nconst text: string = 1")).to.deep.equal([]);
      expect(errors("// @ts-expect-error\nconst text: string = 'a'")).to.deep.equal([
        "Unused '@ts-expect-error' directive.",
      ]);
    }
  });

  it("sees the latest declaration of a name", () => {
    for (const value of ["1", "'a'", "{ x: 1 }"]) {
      expect(errors(`const changing = ${value}`)).to.deep.equal([]);
      expect(errors(`const same: typeof changing = ${value}`)).to.deep.equal([]);
      expect(errors("changing.y")[0]).to.contain("Property 'y' does not exist");
    }
    expect(errors("interface Shape { width: number }")).to.deep.equal([]);
    expect(errors("interface Shape { height: number }")).to.deep.equal([]);
    expect(errors("const shape: Shape = { width: 1 }")[0]).to.contain("'width' does not exist");
  });

  it("completes a name anew when more has been declared, and a path when there is another file", () => {
    const complete = (code: string) => compiler.complete(code, code.length).entries.map(({ text }) => text);
    const known = () => complete("rememberedN");
    errors("const rememberedName = 1");
    expect(known()).to.deep.equal(["rememberedName"]);
    expect(known()).to.deep.equal(["rememberedName"]);
    errors("const rememberedNumber = 1");
    expect(known()).to.deep.equal(["rememberedName", "rememberedNumber"]);
    compiler.forget();
    expect(known()).to.deep.equal([]);

    const folder = mkdtempSync(join(process.cwd(), "completed-"));
    try {
      const path = `import "./${basename(folder)}/mod`;
      writeFileSync(join(folder, "module1.ts"), "export {};");
      expect(complete(path)).to.deep.equal(["module1"]);
      writeFileSync(join(folder, "module2.ts"), "export {};");
      expect(complete(path)).to.deep.equal(["module1", "module2"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("keeps types through hundreds of cells", () => {
    expect(errors("const first = { deep: [1, 'a'] as const }")).to.deep.equal([]);
    for (let i = 0; i < 250; i++) expect(errors(`const n${i} = ${i}`)).to.deep.equal([]);
    expect(errors("const one: 1 = first.deep[0]; const text: string = n249")).to.deep.equal([wrong]);
  });

  it("names the types of a cell that imports less than one before it", () => {
    const fresh = new Compiler();
    const library = '(require("saddle") as typeof import("saddle"))';
    const cells = [
      'import { tensor } from "saddle";\nconst x = tensor([1, 2]);',
      `await ${library}.report.devices()`,
      `await ${library}.memory()`,
      'const shown = display.markdown("x");',
    ];
    const found = cells.flatMap(
      (code, i) => fresh.compile(`In[${i}]`, { source: code, code }).diagnostics ?? [],
    );
    expect(found).to.deep.equal([]);
  });

  it("lets what holds one tensor hold one of another shape, as docs/shapes.md says", () => {
    const cells = [
      'import { zeros } from "saddle";\nlet x = zeros([2, 3]);\nx = x.reshape([6]);\nx = x.sum();',
      "const layers = [zeros([784, 128]), zeros([128, 10])];",
      "layers.reduce((h, w) => h.matmul(w), zeros([32, 784]));",
      "let h = zeros([32, 784]);\nfor (const w of layers) h = h.matmul(w).relu();",
      "let total = zeros([]);\nfor (const v of [1, 2]) total = total.add(zeros([3]).add(v));",
      "const grown = [zeros([1])];\ngrown.push(zeros([2]));",
    ];
    for (const code of cells) expect(errors(code), code).to.deep.equal([]);
  });

  it("says that a tensor is no condition, on the condition's own place, and lets pass what may be undefined", () => {
    errors(
      'import { tensor, type Tensor } from "saddle";\nconst t = tensor(5); let maybe: Tensor | undefined = t;',
    );
    const refused = [
      "if (§t.greater(0)§) { t; }",
      "if (1 > 2 || (§t§)) { t; }",
      "while (§t§) { break; }",
      "do { break; } while (§t.less(1)§);",
      "for (; §t§; ) { break; }",
      "const chosen = §t.equal(1)§ ? 1 : 2;",
      "const not = !§t§;",
      "const both = §t§ && 1;",
      "const either = §t§ || 1;",
      "const deep = () => { if (true) return !(§t§ && maybe); return 1; };",
    ];
    for (const marked of refused) {
      const [before, condition] = marked.split("§");
      const [found, ...others] = compile(marked.replaceAll("§", "")).diagnostics ?? [];
      expect(found?.message, marked).to.contain("A Tensor as a condition is always true");
      expect([found.start, found.end], marked).to.deep.equal([
        before.length,
        before.length + condition.length,
      ]);
      expect(others).to.deep.equal([]);
    }
    const passed = [
      "if (await t.greater(0).item()) { t; }",
      "const present = maybe ? 1 : 2;",
      "const first = true && t;",
      "const chosenTensor = maybe ?? t;",
      "class Tensor2 {}\nif (new Tensor2()) { t; }",
      "// @ts-nocheck\nif (t) { t; }",
    ];
    for (const code of passed) expect(errors(code), code).to.deep.equal([]);
  });

  it("gives a cell that is run again the same code by its own name", () => {
    const [once, again] = [compile("1 + 1"), compile("1 + 1")];
    expect(again.cell?.code).to.equal(once.cell?.code).and.to.contain("1 + 1");
    expect(again.cell?.name).not.to.equal(once.cell?.name);
  });
});
