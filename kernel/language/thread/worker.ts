import { parentPort } from "node:worker_threads";
import type { Answer, Question } from "../../contract/languageMessages";
import { keepBytecode } from "./tslab/codeCache";
import { Compiler } from "./compile/compiler";
import { completenessOf } from "./assist/completeness";
import { Rehearsal } from "./rehearsal";

/** The thread in which TypeScript works, so that the sockets are never kept waiting for it. */
const compiler = new Compiler();
const rehearsal = new Rehearsal(compiler);

const methods = {
  compile: compiler.compile.bind(compiler),
  compileForRanks: compiler.compileForRanks.bind(compiler),
  complete: compiler.complete.bind(compiler),
  inspect: compiler.inspect.bind(compiler),
  forget: compiler.forget.bind(compiler),
  completeness: completenessOf,
} as Record<Question["method"], (...args: unknown[]) => unknown>;

function answer({ id, method, args }: Question): Answer {
  try {
    return { id, value: methods[method](...args) };
  } catch (error) {
    return { id, error: String((error as Error).stack) };
  }
}

parentPort?.on("message", (question: Question) => {
  parentPort?.postMessage(answer(question));
  rehearsal.postpone();
});

// The first compilation reads the standard library's types, which can happen before it is asked for.
compiler.compile("start", { source: "", code: "" }, "expression");
keepBytecode();
rehearsal.postpone();
