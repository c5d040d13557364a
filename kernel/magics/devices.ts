import { library } from "./magic";
import type { StandardMagic } from "./magic";

export const devices: StandardMagic = {
  name: "devices",
  summary: "Lists the devices there are, with their backends, limits and features.",
  usage: "%devices",
  arguments: "none",
  options: [],
  example: "%devices",
  kinds: ["line"],
  expand: () => [`await ${library}.report.devices()`],
};
