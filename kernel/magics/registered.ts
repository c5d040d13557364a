import type { RegisteredMagic } from "../contract/messages";
import { optionsObject, typescript } from "./magic";
import type { Arguments, Expansion, Given, Magic } from "./magic";

const written: Readonly<Record<Exclude<RegisteredMagic["takes"], "cell">, Arguments>> = {
  nothing: "none",
  expression: "expression",
  "function at point": "function at point",
};
const usages: Readonly<Record<RegisteredMagic["takes"], string>> = {
  nothing: "",
  expression: " expression",
  "function at point": " f @ x",
  cell: "",
};

/** A magic that a cell has registered, as one among the others. */
export function magicOf({ name, summary, takes, options }: RegisteredMagic): Magic {
  const isCell = takes === "cell";
  const optionUsages = options.map(({ name: option, type }) =>
    type === "flag" ? ` [--${option}]` : ` [--${option} ${type}]`,
  );
  return {
    ...{ name, summary, options },
    usage: `${isCell ? "%%" : "%"}${name}${usages[takes]}${optionUsages.join("")}`,
    arguments: isCell ? "none" : written[takes],
    kinds: [isCell ? "cell" : "line"],
    takesText: isCell,
    expand: (given) => callOf(name, given, options),
  };
}

function callOf(name: string, given: Given, options: Magic["options"]): Expansion {
  const text = given.text === undefined ? [] : [JSON.stringify(given.text), ", "];
  const expressions = given.expressions.flatMap((expression): Expansion => [expression, ", "]);
  const call = `await __saddle.magic(${JSON.stringify(name)})`;
  return typescript`${call}(${text}${expressions}${optionsObject(given, {}, options)})`;
}
