import type { StandardMagic } from "./magic";

export const who: StandardMagic = {
  name: "who",
  summary: "Lists the notebook's variables with their types and values.",
  usage: "%who",
  arguments: "none",
  options: [],
  example: `const learningRate = 0.1;
%who`,
  kinds: ["line"],
  expand: () => ["__saddle.variables()"],
};
