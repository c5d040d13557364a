import { sameType } from "../comm";
import type { Numbers } from "../comm";
import { pieceBytes } from "./segmentLayout";

/** What of an all-reduce lies where: the numbers cut into pieces, of which each rank has a share, and the slabs. */
export interface Pieces {
  readonly count: number;
  /** What `rank` reduces of a piece, in this rank's own numbers. */
  readonly share: (piece: number, rank: number) => Numbers;
  /**
   * The place for that share in the slab of the rank `owner`. The pieces take turns in two halves of the slabs; the
   * places are the same in every piece, a shorter last one too, as ranks may be one piece apart.
   */
  readonly place: (piece: number, owner: number, rank: number) => Numbers;
}

/** @param slabs where in `memory` the slab of each rank begins, in bytes */
export function cutIntoPieces(values: Numbers, memory: ArrayBuffer, slabs: readonly number[]): Pieces {
  const placeLength = Math.floor(pieceBytes / values.BYTES_PER_ELEMENT / slabs.length);
  const pieceLength = placeLength * slabs.length;
  const share = (piece: number, rank: number) => {
    const part = values.subarray(pieceLength * piece, pieceLength * (piece + 1));
    const length = Math.ceil(part.length / slabs.length);
    return part.subarray(length * rank, length * (rank + 1));
  };
  return {
    count: Math.ceil(values.length / pieceLength),
    share,
    place(piece, owner, rank) {
      const start = pieceLength * (piece % 2) + placeLength * rank;
      const offset = slabs[owner] + start * values.BYTES_PER_ELEMENT;
      return sameType(values, memory, offset, share(piece, rank).length);
    },
  };
}
