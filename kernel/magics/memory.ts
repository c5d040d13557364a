import { library } from "./magic";
import type { StandardMagic } from "./magic";

export const memory: StandardMagic = {
  name: "memory",
  summary:
    "Tells how many bytes live on the device, wait in the pool, and were the peak; and how many plans and kernels are kept.",
  usage: "%memory",
  arguments: "none",
  options: [],
  example: "%memory",
  kinds: ["line"],
  expand: () => [`await ${library}.memory()`],
};
