/** What a kernel reads and writes. */
import type { DType } from "../util/dtypes";

/** The buffers a kernel binds: inputs x0…, output y, and how many run-time scalars it reads. */
export interface Bindings {
  readonly inputs: readonly DType[];
  readonly output: DType;
  readonly scalarCount: number;
}
