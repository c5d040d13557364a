/** How soon what has changed is kept, in milliseconds, and how much of the time keeping may take. */
const soon = 500;
const largestShare = 0.05;

/**
 * Keeps work that goes on: a while after each change, and at last when the process ends, however it does, if it can.
 * So who ends it, or what makes it crash, loses little.
 */
export class Keeper {
  private timer: NodeJS.Timeout | undefined;
  private cost = 0;

  constructor(private readonly keep: () => void) {
    process.on("exit", this.keepChanges);
  }

  changed(): void {
    this.timer ??= setTimeout(this.keepSoon, Math.max(soon, this.cost / largestShare));
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    process.off("exit", this.keepChanges);
  }

  private readonly keepSoon = () => {
    this.timer = undefined;
    const start = performance.now();
    // A disk that is full for a while is said at the end, if it still is.
    try {
      this.keep();
    } catch {
      this.changed();
    }
    this.cost = performance.now() - start;
  };

  private readonly keepChanges = () => {
    if (this.timer !== undefined) this.keep();
  };
}
