import { closest } from "fastest-levenshtein";
import { devices } from "./devices";
import { helpOf, listOf } from "./help";
import { hessian } from "./hessian";
import type { Given, Magic } from "./magic";
import { memory } from "./memory";
import { reset } from "./reset";
import { time } from "./time";
import { timeit } from "./timeit";
import { who } from "./who";

const lsmagic: Magic = {
  name: "lsmagic",
  summary: "Lists the magics.",
  usage: "%lsmagic",
  arguments: "none",
  options: [],
  kinds: ["line"],
  expand: () => shown(listOf(magics)),
};

const help: Magic = {
  name: "help",
  summary: "Tells how a magic is used; without a name, lists them.",
  usage: "%help [name]",
  arguments: "text",
  options: [],
  kinds: ["line"],
  expand({ expressions: [name] }: Given) {
    return shown(name === undefined ? listOf(magics) : helpOf(magicNamed(name.text.replace(/^%+/, ""))));
  },
};

/** The one source of what magics there are. */
export const magics: readonly Magic[] = [hessian, devices, memory, time, timeit, who, reset, lsmagic, help];

/** Throws an error that names the nearest, if there is none of that name. */
export function magicNamed(name: string): Magic {
  const found = magics.find((magic) => magic.name === name);
  if (found !== undefined) return found;
  const names = magics.map((magic) => magic.name);
  throw new Error(
    `There is no magic %${name}. Did you mean %${closest(name, names)}? (%lsmagic lists them.)`,
  );
}

function shown(markdown: string): string[] {
  return [`__saddle.markdown(${JSON.stringify(markdown)})`];
}
