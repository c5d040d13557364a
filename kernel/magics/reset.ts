import type { Magic } from "./magic";

export const reset: Magic = {
  name: "reset",
  summary: "Forgets all variables and their types.",
  usage: "%reset",
  arguments: "none",
  options: [],
  kinds: ["line"],
  expand: () => ["__saddle.reset()"],
};
