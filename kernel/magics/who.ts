import type { Magic } from "./magic";

export const who: Magic = {
  name: "who",
  summary: "Lists the notebook's variables with their types and values.",
  usage: "%who",
  arguments: "none",
  options: [],
  kinds: ["line"],
  expand: () => ["__saddle.variables()"],
};
