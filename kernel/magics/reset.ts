import type { StandardMagic } from "./magic";

export const reset: StandardMagic = {
  name: "reset",
  summary: "Forgets all variables and their types.",
  usage: "%reset",
  arguments: "none",
  options: [],
  example: "%reset",
  kinds: ["line"],
  expand: () => ["__saddle.reset()"],
};
