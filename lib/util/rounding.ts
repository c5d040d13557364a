/** To the nearest whole number; halves go to the even neighbour, as in NumPy, Python and WGSL. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  if (low % 2 === 0) return low;
  // −½ goes to the zero of its sign.
  return low === -1 ? -0 : low + 1;
}
