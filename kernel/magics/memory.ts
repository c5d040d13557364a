import { library } from "./magic";
import type { Magic } from "./magic";

export const memory: Magic = {
  name: "memory",
  summary: "Tells how many bytes live on the device, wait in the pool, and were the peak.",
  usage: "%memory",
  arguments: "none",
  options: [],
  kinds: ["line"],
  expand: () => [`await ${library}.memory()`],
};
