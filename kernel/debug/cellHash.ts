const multiplier = 0x5bd1e995;

/** MurmurHash2 of a text's UTF-8 bytes (Appleby 2008), by which front ends know the code of a cell. */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text);
  let hash = seed ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (bytes.length > whole) {
    hash ^= bytes.readUIntLE(whole, bytes.length - whole);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) >>> 0;
}
