export { cg, type CgOptions, type CgResult } from "./cg";
export { cholesky, det, eigh, eigvalsh, inv, qr, slogdet, solve, svd, svdvals } from "./dense";
export { lanczos, type Lanczos, type LanczosOptions } from "./lanczos";
export { lobpcg, type LobpcgOptions, type LobpcgResult } from "./lobpcg";
export {
  cond,
  matrixRank,
  norm,
  pinv,
  type NormOptions,
  type NormOrder,
  type PinvOptions,
  type RankOptions,
} from "./norms";
export type { LinearOperator } from "./operator";
