/** Maps that forget: what was used least recently makes room for what is new. */

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
  usedAt: number;
}

/** The part of the entries' weight that stays when there are too many: forgetting takes a walk through all of them. */
const keptShare = 3 / 4;

/**
 * A map whose entries weigh at most `most` together, the newest left aside. Beyond that it forgets those that were used
 * least recently, a quarter of them at a time.
 */
export class Recent<K, V> {
  private readonly entries = new Map<K, Entry<V>>();
  private uses = 0;
  private total = 0;

  constructor(
    public most: number,
    private readonly onForget: (value: V) => void = () => {},
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    entry.usedAt = ++this.uses;
    return entry.value;
  }

  /** `key` must be new. */
  add(key: K, value: V, weight = 1): void {
    this.entries.set(key, { value, weight, usedAt: ++this.uses });
    this.total += weight;
    if (this.total > this.most) this.forget(key);
  }

  clear(): void {
    const values = [...this.entries.values()];
    this.entries.clear();
    this.total = 0;
    for (const { value } of values) this.onForget(value);
  }

  private forget(newest: K): void {
    const oldestFirst = [...this.entries].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, { value, weight }] of oldestFirst) {
      if (this.total <= keptShare * this.most || key === newest) return;
      this.entries.delete(key);
      this.total -= weight;
      this.onForget(value);
    }
  }
}
