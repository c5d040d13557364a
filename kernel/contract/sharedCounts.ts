/** What the main thread that runs cells shares with the thread that interrupts it. */
export interface SharedCounts {
  /** How many interrupts have been requested, and how many of them handled. */
  readonly interrupts: Int32Array;
  /** How much is being loaded that an interrupt would leave half loaded for good. */
  readonly loads: Int32Array;
}
