/** What the thread in which TypeScript works is asked. */
export interface Question {
  readonly id: number;
  readonly method: "compile" | "compileForRanks" | "complete" | "inspect" | "completeness" | "forget";
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
