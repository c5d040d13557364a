import { expect } from "chai";
import * as sd from "../../../lib";
import { linalg, random, tensor, type Tensor } from "../../../lib";
import { rejection } from "../../support/close";
import { elementsTable } from "./elements";
import { linalgTable } from "./linalg";
import { randomTable } from "./random";
import { shapesTable } from "./shapes";
import type { Row } from "./support";
import { transformsTable } from "./transforms";

/** What has nothing to refuse, and why. */
const unrefusing: Readonly<Record<string, string>> = {
  blockUntilReady: "any value is a tree",
  stopGradient: "any value is a tree",
  display: "any value can be shown; its parts have tests of their own",
  defaultDevice: "takes no arguments",
  devices: "takes no arguments",
  memory: "takes no arguments",
  currentFrontend: "takes no arguments",
  installFrontend: "is called by the session of a kernel, not by users",
  ArgumentError: "is thrown by the library",
  DeviceError: "is thrown by the library",
  SaddleError: "is thrown by the library",
  Tensor: "is made by functions; what its methods refuse stands below",
};

/** Parameters that go by another name in messages. */
const called: Readonly<Record<string, string>> = {
  "random.k": "key",
  primals: "argument 0",
  "hvp.x": "argument 0",
};

const namespaces: readonly [string, object, Readonly<Record<string, Row>>][] = [
  ["", sd, { ...elementsTable, ...shapesTable, ...transformsTable }],
  ["random.", random, randomTable],
  ["linalg.", linalg, linalgTable],
];

async function messageOf(call: () => unknown): Promise<string> {
  try {
    return await rejection(Promise.resolve(call()));
  } catch (error) {
    return error instanceof Error
      ? `${error instanceof sd.SaddleError ? "" : "not ours: "}${error.message}`
      : "";
  }
}

/** The names of a function's parameters, as it is compiled. */
function parametersOf(f: unknown): string[] {
  const [list] = /^[^(]*\(([^]*?)\)\s*(=>|\{)/.exec(String(f))?.slice(1) ?? [""];
  return [...list.matchAll(/(?:^|,)\s*(?:\.\.\.)?(\w+)/g)].map(([, name]) => name);
}

for (const [prefix, namespace, table] of namespaces) {
  const functions = Object.entries(namespace).filter(([, value]) => typeof value === "function");

  describe(`bad arguments of ${prefix === "" ? "the library's functions" : prefix.slice(0, -1)}`, () => {
    it("have a row for each function, and no other", () => {
      const rows = [...Object.keys(table), ...(prefix === "" ? Object.keys(unrefusing) : [])];
      expect(rows.sort()).to.deep.equal(functions.map(([name]) => name).sort());
    });

    for (const [name, f] of functions) {
      const row = table[name] as Row | undefined;
      if (row === undefined) continue;
      it(`${prefix}${name} refuses, naming the argument and what it got`, async () => {
        const messages: string[] = [];
        for (const [call, wanted] of row.refusals) {
          const message = await messageOf(call);
          expect(message).to.match(/^\w+(\.\w+)?: /);
          expect(message).to.contain(wanted);
          expect(message.slice(0, message.indexOf(":"))).to.be.oneOf([name, prefix + name]);
          messages.push(wanted);
        }
        const optionNames = messages.flatMap((m) => / \(options: (.*)\)$/.exec(m)?.[1].split(", ") ?? []);
        const names = parametersOf(f).map((p) =>
          p === "options"
            ? "unknown option"
            : (called[prefix + p] ?? called[`${name}.${p}`] ?? called[p] ?? p),
        );
        const unnamed = [...names, ...optionNames].filter((n) => !messages.some((m) => isNamed(n, m)));
        expect(unnamed, "parameters that no refusal names").to.deep.equal([]);
      });
    }
  });
}

function isNamed(name: string, message: string): boolean {
  return new RegExp(`(^|\\W)${name}(\\W|$)`).test(message.replace(/ \(options: .*\)$/, ""));
}

describe("bad use of a tensor", () => {
  it("is refused where a value is read that is none, or not one", async () => {
    expect(await rejection(tensor([1, 2]).item())).to.equal(
      "item: needs a tensor of one element, got shape [2]",
    );
    let inside: Tensor | undefined;
    sd.vmap((x: Tensor) => (inside = x))([1, 2]);
    for (const read of [inside!.data(), inside!.array(), inside!.sum().item()]) {
      expect(await rejection(read)).to.contain(
        "stands for an argument of a function that is being transformed",
      );
    }
  });
});
