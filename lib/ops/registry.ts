/** Every op there is, for whoever must treat them all alike. */
import type { Op } from "../graph/node";
import * as binary from "./binary";
import { castOp, truncateOp } from "./cast";
import { convOps } from "./conv";
import { cumsumOp } from "./cumsum";
import { full } from "./define";
import { determinantOps } from "./determinant";
import { extremumOps } from "./extremum";
import { gatherOps } from "./gather";
import { iotaOp } from "./iota";
import { gapOps } from "./gaps";
import { linalgOps } from "./linalg";
import { matmulOp, wholeMatmulOp } from "./matmul";
import { threefryOps } from "./random";
import { spectralOps } from "./spectral";
import { sortOps } from "./sort";
import { stackOp } from "./stack";
import { afterOp, aliasOp, stopGradientOp } from "./stop";
import { sumOps } from "./sum";
import { transferOp } from "./transfer";
import * as unary from "./unary";
import { viewOps } from "./view";
import { windowOps } from "./windows";

/** What a file has of ops, so that it need not list them. */
function opsIn(file: object): Op[] {
  return (Object.values(file) as unknown[]).filter(
    (x): x is Op => typeof x === "object" && x !== null && "lowering" in x,
  );
}

export const registry: readonly Op[] = [
  full,
  iotaOp,
  castOp,
  truncateOp,
  ...opsIn(unary),
  ...opsIn(binary),
  ...viewOps,
  ...sumOps,
  ...extremumOps,
  matmulOp,
  wholeMatmulOp,
  stackOp,
  ...windowOps,
  ...convOps,
  ...gatherOps,
  cumsumOp,
  ...sortOps,
  ...threefryOps,
  stopGradientOp,
  ...linalgOps,
  ...spectralOps,
  ...determinantOps,
  ...gapOps,
  aliasOp,
  afterOp,
  transferOp,
];
