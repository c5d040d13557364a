import { libc } from "./segment";

/** The system call's number on Linux. */
const futexNumbers: Partial<Record<NodeJS.Architecture, number>> = {
  ...{ x64: 202, arm64: 98, riscv64: 98, ppc64: 221 },
};
const [waitOperation, wakeOperation] = [0, 1];
const everybody = 2 ** 31 - 1;
const patience = BigInt64Array.of(0n, 500_000n); // seconds and nanoseconds

type SystemCall = (...args: unknown[]) => number;

/** What ranks that wait sleep on; a rank that has done something rings it. Where there is no futex, they poll. */
export class Bell {
  private readonly word: Int32Array;
  private readonly futex:
    ((operation: number, value: number, time: BigInt64Array | null) => void) | undefined;

  constructor(word: Int32Array) {
    this.word = word;
    const number = process.platform === "linux" ? futexNumbers[process.arch] : undefined;
    if (number === undefined) return;
    const prototype =
      "long syscall(long n, void *word, int operation, int value, void *time, void *word2, int value3)";
    const call = libc().func(prototype) as unknown as SystemCall;
    this.futex = (operation, value, time) => void call(number, word, operation, value, time, null, 0);
  }

  get count(): number {
    return Atomics.load(this.word, 0);
  }

  ring(): void {
    Atomics.add(this.word, 0, 1);
    this.futex?.(wakeOperation, everybody, null);
  }

  /** Sleeps until it is rung again after `count`, for half a millisecond at most. */
  sleep(count: number): void {
    this.futex?.(waitOperation, count, patience);
  }
}
