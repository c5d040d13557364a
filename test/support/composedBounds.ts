/** The most units in the last place that functions made of others may be wrong by in float32, over all numbers above `from`. */
export interface ComposedBound {
  readonly ulps: number;
  /** What lies below has parts that are denormal. */
  readonly from?: number;
}

export const composedBounds = {
  elu: { ulps: 3 },
  gelu: { ulps: 7, from: -12.9 },
  leakyRelu: { ulps: 2 },
  reciprocal: { ulps: 3 },
  relu: { ulps: 0 },
  rsqrt: { ulps: 4 },
  silu: { ulps: 5, from: -87 },
  softplus: { ulps: 4 },
  square: { ulps: 1 },
} as const satisfies Readonly<Record<string, ComposedBound>>;
