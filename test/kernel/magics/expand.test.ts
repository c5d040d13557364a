import { expect } from "chai";
import { expandCell, expandUnfinishedCell } from "../../../kernel/magics/expand";
import { MagicRegistry } from "../../../kernel/magics/registry";
import { MagicError } from "../../../kernel/contract/messages";

const library = `(require("saddle") as typeof import("saddle"))`;

function codeOf(source: string): string {
  return expandCell(source, new MagicRegistry()).code;
}

function errorOf(source: string): MagicError {
  try {
    expandCell(source, new MagicRegistry());
  } catch (error) {
    if (error instanceof MagicError) return error;
  }
  throw new Error(`${source} was expanded`);
}

describe("a magic", () => {
  it("becomes a statement", () => {
    expect(codeOf("%devices")).to.equal(`;await ${library}.report.devices();`);
    expect(codeOf("a\n  %devices;\n(b)")).to.equal(`a\n  ;await ${library}.report.devices();\n(b)`);
  });

  it("becomes the right side of an assignment", () => {
    expect(codeOf("const h = %hessian f @ x --top 5")).to.equal(
      `const h = (await ${library}.report.hessian(f, x, { topK: 5, }))`,
    );
  });

  it("takes a function at a point, or a matrix", () => {
    const both = codeOf("%condition f @ x --methods gd,newton --sweep 1:1e4 --along run.path");
    expect(both).to.contain(
      'report.condition(f, x, { methods: ["gd","newton"], sweep: "1:1e4", along: run.path, })',
    );
    expect(codeOf("%condition A")).to.equal(`;await ${library}.report.condition(A);`);
    expect(errorOf("%condition A --steps 5").message).to.contain("are for f @ x, not for a matrix");
  });

  it("takes TypeScript before its options, on several lines if brackets are open", () => {
    const code = codeOf("%hessian ((x) => {\n  return x;\n}) @ [1, 2] --matrix-free --seed a.b // why\nnext");
    expect(code).to.contain(
      "report.hessian(((x) => {\n  return x;\n}), [1, 2], { matrixFree: true, seed: a.b, });",
    );
    expect(code.split("\n")).to.have.length(4);
  });

  it("takes options before what they are for as well", () => {
    expect(codeOf("%timeit --runs 2 1+1 --loops 3")).to.equal(
      ";await __saddle.timeit(() => (1+1), { runs: 2, loops: 3, });",
    );
    expect(codeOf("const h = %hessian --matrix-free --top 5 f @ x")).to.equal(
      `const h = (await ${library}.report.hessian(f, x, { topK: 5, matrixFree: true, }))`,
    );
    expect(errorOf("%timeit --runs 2").message).to.contain("is used so: %timeit");
    expect(errorOf("%timeit --rums 2 1+1").message).to.contain("Did you mean --runs?");
  });

  it("takes two expressions with the keyword between them, the second if it likes", () => {
    expect(codeOf("%augment images with compose([a, b]) --n 4")).to.equal(
      `;await ${library}.report.augment(images, { transform: compose([a, b]), ...{ n: 4, } });`,
    );
    expect(codeOf("const g = %augment images --ops hflip,rotate")).to.equal(
      `const g = (await ${library}.report.augment(images, { ops: ["hflip","rotate"], }))`,
    );
    expect(errorOf("%augment a with b with c").message).to.contain(
      "is used so: %augment images [with transform]",
    );
  });

  it("takes the whole cell when its name has two signs", () => {
    expect(codeOf("%%time\nwork()")).to.equal(";__saddle.timeCell();;\nwork()");
    expect(codeOf("%%timeit --runs 2\nwork() // often")).to.equal(
      ";await __saddle.timeit(async () => {;\nwork() // often\n}, { runs: 2, });",
    );
    expect(expandUnfinishedCell("%%timeit\nwork(", new MagicRegistry()).code).to.equal(";;\nwork(");
    expect(errorOf("work()\n%%time").message).to.contain("first line");
    expect(errorOf("%%hessian f @ x").message).to.contain("is used so: %hessian");
  });

  it("is no magic in strings, in comments, or as a remainder", () => {
    for (const source of ["`\n%who\n`", "// x\n/*\n%who\n*/", "a\n  % b", "1 %b", `"%who"`]) {
      expect(codeOf(source)).to.equal(source);
    }
  });

  it("that is not there is an error that names the nearest", () => {
    const error = errorOf("1;\n%hesian f @ x");
    expect(error.message).to.contain("no magic %hesian. Did you mean %hessian?");
    expect([error.start, error.end]).to.deep.equal([3, 10]);
  });

  it("with an option that is not there is an error that names the nearest", () => {
    const error = errorOf("%hessian f @ x --tip 5");
    expect(error.message).to.contain("no option --tip. Did you mean --top?");
    expect([error.start, error.end]).to.deep.equal([15, 20]);
  });

  it("says how it is used when something is missing", () => {
    expect(errorOf("%hessian f").message).to.contain("%hessian f @ x [--top K]");
    expect(errorOf("%hessian f @ x --top").message).to.contain("takes a value");
    expect(errorOf("%time").message).to.contain("%time expression");
  });

  it("tells where its pieces come from", () => {
    const { code, spans, source } = expandCell("const h = %hessian loss @ x;", new MagicRegistry());
    for (const span of spans) {
      expect(code.slice(span.expanded, span.expanded + span.length)).to.equal(
        source.slice(span.source, span.source + span.length),
      );
    }
    expect(spans.some(({ source: start }) => source.startsWith("loss", start))).to.equal(true);
  });

  it("that is being written leaves its TypeScript to be completed", () => {
    expect(expandUnfinishedCell("%hessian f.", new MagicRegistry()).code).to.contain("f.");
    expect(expandUnfinishedCell("const h = %hessian f @ x.", new MagicRegistry()).code).to.contain("x.");
  });
});
