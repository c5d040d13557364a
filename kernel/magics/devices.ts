import { library } from "./magic";
import type { Magic } from "./magic";

export const devices: Magic = {
  name: "devices",
  summary: "Lists the devices there are, with their backends, limits and features.",
  usage: "%devices",
  arguments: "none",
  options: [],
  kinds: ["line"],
  expand: () => [`await ${library}.report.devices()`],
};
