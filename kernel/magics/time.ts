import { typescript } from "./magic";
import type { Magic } from "./magic";

export const time: Magic = {
  name: "time",
  summary: "Runs an expression, or a whole cell, and tells how long it took.",
  usage: "%time expression, or %%time on the first line of a cell",
  arguments: "expression",
  options: [],
  kinds: ["line", "cell"],
  expand({ expressions: [work] }) {
    return work === undefined
      ? ["__saddle.timeCell();"]
      : typescript`await __saddle.time(async () => (${work}))`;
  },
};
