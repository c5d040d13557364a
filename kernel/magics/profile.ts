import { library, typescript } from "./magic";
import type { StandardMagic } from "./magic";

export const profile: StandardMagic = {
  name: "profile",
  summary:
    "Runs an expression, or a whole cell, and tells what took how long, on the device's own clock too.",
  usage: "%profile expression, or %%profile on the first line of a cell",
  arguments: "expression",
  options: [],
  example: `import { random } from "saddle";
const B = random.normal(random.key(0), [512, 512]);
%profile await B.matmul(B).relu().sum().item()`,
  kinds: ["line", "cell"],
  expand({ expressions: [work] }) {
    return work === undefined
      ? [`__saddle.profileCell(await ${library}.report.startProfile());`]
      : typescript`await ${library}.report.profile(async () => (${work}))`;
  },
};
