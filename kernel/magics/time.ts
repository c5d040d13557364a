import { typescript } from "./magic";
import type { StandardMagic } from "./magic";

export const time: StandardMagic = {
  name: "time",
  summary: "Runs an expression, or a whole cell, and tells how long it took.",
  usage: "%time expression, or %%time on the first line of a cell",
  arguments: "expression",
  options: [],
  example: `import { random } from "saddle";
const A = random.normal(random.key(0), [256, 256]);
%time await A.matmul(A).sum().item()`,
  kinds: ["line", "cell"],
  expand({ expressions: [work] }) {
    return work === undefined
      ? ["__saddle.timeCell();"]
      : typescript`await __saddle.time(async () => (${work}))`;
  },
};
