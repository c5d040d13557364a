/**
 * Where things are in the segment of `size` ranks. Each rank has a page of its own, which only it
 * writes: how many times it has arrived, what it is about to do, and whether it is through. So nothing has to be reset when
 * a rank fails, and who is missing can be read off.
 */
export const pageBytes = 4096;
/** What a rank can hand over at a time. */
export const slabBytes = 4 << 20;
/** What is reduced at a time: two of it fit a slab, and stay in the cores' own caches. */
export const pieceBytes = 512 << 10;
export const letterBytes = 64 << 10;

/** Places in a rank's page, in 32-bit words. */
export const words = {
  ...{ epoch: 0, arrivals: 1, intent: 2 },
  /** Of a departure; its turn is 1 more there, as 0 says that there is none. */
  ...{ turn: 8, collectives: 9, status: 10 },
} as const;
/** Places in the head of a letter box. */
export const letterWords = { sent: 0, taken: 1, length: 2, total: 3, epoch: 4 } as const;

export interface RegionOffsets {
  readonly bell: number;
  page(rank: number): number;
  box(from: number, to: number): number;
  slab(rank: number): number;
  readonly bytes: number;
}

/** Offsets in bytes. */
export function layoutFor(size: number): RegionOffsets {
  const boxes = pageBytes * (size + 1);
  const boxBytes = pageBytes + letterBytes;
  const slabs = boxes + boxBytes * size * size;
  return {
    bell: 0,
    page: (rank) => pageBytes * (rank + 1),
    box: (from, to) => boxes + boxBytes * (from * size + to),
    slab: (rank) => slabs + slabBytes * rank,
    bytes: slabs + slabBytes * size,
  };
}
