/** `rank 2`, `ranks 0, 1 and 3` */
export function ranksText(ranks: readonly number[]): string {
  const list = ranks.join(", ").replace(/, (\d+)$/, " and $1");
  return ranks.length === 1 ? `rank ${list}` : `ranks ${list}`;
}
