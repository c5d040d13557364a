/** Targets that need no driver, to plan for. */
import { wgslTarget } from "../../lib/wgsl/target";

const maxWorkgroups = 65_535;

/** A processor that plays a GPU. */
export const software = wgslTarget({ maxWorkgroups, subgroupSize: 8, maxInputs: 7, hasFloat16: true });

/** A GPU, a processor that plays one, and an adapter without subgroups. */
export const adapters = {
  gpu: wgslTarget({ maxWorkgroups, subgroupSize: 32, maxInputs: 7, hasFloat16: true }),
  software,
  "no-subgroups": wgslTarget({ maxWorkgroups, subgroupSize: undefined, maxInputs: 7, hasFloat16: true }),
};
