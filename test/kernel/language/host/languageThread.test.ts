import { expect } from "chai";
import type { Worker } from "node:worker_threads";
import { LanguageThread } from "../../../../kernel/language/host/languageThread";

describe("the thread of the compiler", () => {
  it("costs one question when it dies: another knows what the cells before have declared", async () => {
    const workers: Worker[] = [];
    const notice = (worker: Worker) => void workers.push(worker);
    process.on("worker", notice);
    const language = new LanguageThread();
    const compile = (code: string) => language.compile("In", { source: code, code });
    try {
      await compile("const kept = { deep: 1 };");
      await compile("const forgotten: string = 5;");
      const asked = compile("kept").then(
        () => "answered",
        (error: unknown) => String(error),
      );
      await workers[0].terminate();
      expect(await asked).to.contain("the thread of the compiler has ended");
      const { diagnostics } = await compile("const text: string = kept.deep;");
      expect(diagnostics?.map(({ message }) => message)).to.deep.equal([
        "Type 'number' is not assignable to type 'string'.",
      ]);
      const { entries } = await language.complete("forgott", 7);
      expect(entries).to.deep.equal([]);
      expect(workers).to.have.length(2);
    } finally {
      process.off("worker", notice);
      await language.close();
    }
  });
});
