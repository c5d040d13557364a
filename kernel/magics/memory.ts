import { library } from "./magic";
import type { StandardMagic } from "./magic";

export const memory: StandardMagic = {
  name: "memory",
  summary: "Tells how many bytes live on the device, wait in the pool, and were the peak.",
  usage: "%memory",
  arguments: "none",
  options: [],
  example: "%memory",
  kinds: ["line"],
  expand: () => [`await ${library}.memory()`],
};
