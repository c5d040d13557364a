/** The target of GPUs: work becomes WGSL text. Pure: needs no GPU. */
import type { Target } from "../graph/target";
import type { DType } from "../util/dtypes";
import { contractionKernel } from "./contraction";
import { hasNarrowSubgroups, type DeviceLimits, type Kernel } from "./kernel";
import { mapKernel } from "./map";
import { rowsKernel } from "./rows";
import { vectorWidth } from "./text";

export interface AdapterLimits extends DeviceLimits {
  /** Storage buffers that one kernel can read. */
  readonly maxInputs: number;
  /** Whether buffers can hold float16. */
  readonly hasFloat16: boolean;
}

export function wgslTarget(limits: AdapterLimits): Target<Kernel> {
  return {
    traits: {
      maxInputs: limits.maxInputs,
      lanes: () => vectorWidth,
      chunks: (outputs, reduced) => chunksFor(outputs, reduced, limits),
      storedAs,
      missingFor: (dtype) =>
        dtype === "float16" && !limits.hasFloat16 ? "float16 (WebGPU's shader-f16)" : undefined,
      scalarBytes: 4,
    },
    compile: (work, bindings) => {
      switch (work.kind) {
        case "map":
          return mapKernel(work.sizes, work.value, bindings, limits);
        case "rows":
          return rowsKernel(work.rows, bindings, limits);
        case "contract":
          return contractionKernel(work.contraction, bindings, limits);
      }
    },
  };
}

/** WGSL has no bool in buffers, and no float64. */
function storedAs(dtype: DType): DType {
  if (dtype === "bool") return "uint32";
  return dtype === "float64" ? "float32" : dtype;
}

/** Parts that a reduction's length is split into, so that few outputs still fill the device: each for a workgroup or a subgroup. */
function chunksFor(outputs: number, reduced: number, limits: DeviceLimits): number {
  const most = hasNarrowSubgroups(limits) ? 1024 : 256;
  if (reduced < 16_384 || outputs >= 256) return 1;
  for (let chunks = Math.min(most, Math.floor(reduced / 4096)); chunks > 1; chunks--) {
    if (reduced % chunks === 0 && (reduced / chunks) % 4 === 0) return chunks;
  }
  return 1;
}
