/** Threefry-2x32 with 20 rounds (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011). */
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { numberLanes } from "./numberLanes";
import { rounded } from "./ulps";

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const parity = 0x1bd11bda;

/** The two words that key (k0, k1) makes of counter (x0, x1), all uint32. */
function rounds(s: Lanes, k0: Num, k1: Num, x0: Num, x1: Num): readonly [Num, Num] {
  const keys = [k0, k1, s.xor(s.xor(k0, k1), s.lit(parity))];
  let [a, b] = [s.add(x0, k0), s.add(x1, k1)];
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) {
      a = s.add(a, b);
      b = s.xor(s.or(s.shl(b, s.lit(r)), s.shr(b, s.lit(32 - r))), a);
    }
    a = s.add(a, keys[(group + 1) % 3]);
    b = s.add(b, s.add(keys[(group + 2) % 3], s.lit(group + 1)));
  }
  return [a, b];
}

/** As exact as the rounds themselves, which known answers are tested against. */
function word(position: 0 | 1): ScalarFunction {
  const words = numberLanes("uint32");
  return {
    name: `threefry2x32_${position}`,
    exact: (...args) => {
      const [k0, k1, x0, x1] = args as unknown as Num[];
      return rounds(words, k0, k1, x0, x1)[position] as unknown as number;
    },
    body: (s, k0: Num, k1: Num, x0: Num, x1: Num) => rounds(s, k0, k1, x0, x1)[position],
    ulps: rounded,
  };
}

/** The word of each position that a key (k0, k1) makes of a counter (x0, x1). */
export const threefryWords = [word(0), word(1)] as const;
