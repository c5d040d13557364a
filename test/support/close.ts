import { expect } from "chai";
import type { Tensor } from "../../lib";

export async function numbers(x: Tensor): Promise<number[]> {
  return Array.from(await x.data());
}

/** That each element is within `tolerance` of what is wanted, relative to it where it is above 1. */
export async function expectClose(
  x: Tensor,
  wanted: number | readonly number[],
  tolerance: number,
): Promise<void> {
  const found = await numbers(x);
  if (typeof wanted !== "number") expect(found).to.have.length(wanted.length);
  found.forEach((value, i) => {
    const target = typeof wanted === "number" ? wanted : wanted[i];
    if (value === target) return;
    const difference = Math.abs(value - target) / Math.max(1, Math.abs(target));
    expect(difference, `element ${i} is ${value}, ${target} is wanted`).to.be.at.most(tolerance);
  });
}

/** The message that a promise is rejected with; empty if it is not. */
export function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
}
