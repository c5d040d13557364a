import { expect } from "chai";
import { join } from "node:path";
import ts from "typescript";
import { repository } from "./support/headless";

describe("the published types", function () {
  this.timeout(60_000);

  /** The errors of a file that uses the declarations as they are published, and of these declarations. */
  function errorsOf(source: string): string[] {
    const file = join(repository, "test", "uses-saddle.ts");
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node20,
      lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
      types: ["node", "@webgpu/types"],
      strict: true,
      noEmit: true,
    };
    const host = ts.createCompilerHost(options);
    const plain = ts.createCompilerHost(options);
    host.fileExists = (name) => name === file || plain.fileExists(name);
    host.getSourceFile = (name, version) =>
      name === file ? ts.createSourceFile(name, source, version) : plain.getSourceFile(name, version);
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
    return diagnostics
      .filter((d) => !d.file?.fileName.includes("node_modules"))
      .map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n"));
  }

  it("resolve every name, so that nothing is any by accident", () => {
    const source = `import { tensor } from "../dist/lib";
      const t = tensor([1, 2]).mul(2).sum();
      export const wrong: string = t;
      export const data: Promise<string> = t.data();
      export const fine = t.data().then((values) => values.filter((value) => value > 0).length);`;
    const errors = errorsOf(source);
    expect(errors, errors.join("\n")).to.have.length(2);
    expect(errors[0]).to.match(/Type 'Tensor' is not assignable to type 'string'/);
  });
});
