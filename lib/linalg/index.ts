export { cholesky, det, eigh, eigvalsh, inv, qr, slogdet, solve, svd, svdvals } from "./dense";
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
