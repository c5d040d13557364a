/** What every library must compute: Saddle's float64 `cpu` device computes it once, and it is kept. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { outputFolder } from "./files";
import type { Results } from "./library";
import type { Workload } from "./workload";

const folder = join(outputFolder, "references");

/** Named after the inputs and the program, so that a change of either computes it anew. */
export function referenceFile(workload: Workload): string {
  const hash = createHash("sha256").update(readFileSync(join(__dirname, "saddle.js")));
  const text = JSON.stringify(workload.task(), (_, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    hash.update(value as Float32Array);
    return null;
  });
  const digest = hash.update(text).digest("hex").slice(0, 16);
  return join(folder, `${workload.name}-${digest}`);
}

export async function makeReference(workload: Workload): Promise<void> {
  const file = referenceFile(workload);
  if (existsSync(file)) return;
  const { onCpu } = await import("./saddle.js");
  const results = Object.entries(await onCpu(workload));
  const rounded = results.map(([name, values]) => [name, Float32Array.from(values)]);
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder).filter((name) => name.startsWith(`${workload.name}-`))) {
    rmSync(join(folder, old));
  }
  // A name of its own while it is written: a run that is stopped leaves no half reference.
  writeFileSync(`${file}.${process.pid}`, serialize(Object.fromEntries(rounded)));
  renameSync(`${file}.${process.pid}`, file);
}

export function readReference(workload: Workload): Results {
  return deserialize(readFileSync(referenceFile(workload))) as Results;
}

/** The largest error of any result, relative to that result's largest element; NaN where there is a NaN. */
export function largestError(results: Results, reference: Results): number {
  return Math.max(
    ...Object.entries(reference).map(([name, wanted]) => {
      const got = results[name];
      if (got?.length !== wanted.length) return Infinity;
      let error = 0;
      let scale = 0;
      for (let i = 0; i < wanted.length; i++) {
        const difference = Math.abs(got[i] - wanted[i]);
        if (!(difference <= error)) error = difference;
        scale = Math.max(scale, Math.abs(wanted[i]));
      }
      return error / (scale || 1);
    }),
  );
}
