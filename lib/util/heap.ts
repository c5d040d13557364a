/** A queue that gives the first of what it holds, in time logarithmic in how much that is. */
export class Heap<T> {
  private readonly items: T[] = [];

  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  push(item: T): void {
    const { items } = this;
    let at = items.length;
    for (let up = (at - 1) >> 1; at > 0 && this.isBefore(item, items[up]); up = (at - 1) >> 1) {
      items[at] = items[up];
      at = up;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const { items } = this;
    const [first] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (let down = this.firstBelow(at); down < items.length; down = this.firstBelow(at)) {
      if (!this.isBefore(items[down], last)) break;
      items[at] = items[down];
      at = down;
    }
    items[at] = last;
    return first;
  }

  /** Of the two items below `at`, the first; past the end where there is none. */
  private firstBelow(at: number): number {
    const left = 2 * at + 1;
    const right = left + 1;
    return right < this.items.length && this.isBefore(this.items[right], this.items[left]) ? right : left;
  }
}
