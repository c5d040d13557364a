/**
 * Calls `action` at most once in `interval` ms: at once when it is due, else when it next is, so that
 * the last call is never lost. `flush` runs what is pending now.
 */
export class Throttle {
  private last = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly interval: number,
    private readonly action: () => void,
  ) {}

  call(): void {
    const due = this.last + this.interval - performance.now();
    if (due <= 0) this.run();
    else this.timer ??= setTimeout(() => this.run(), due);
  }

  flush(): void {
    if (this.timer !== undefined) this.run();
  }

  private run(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.last = performance.now();
    this.action();
  }
}
