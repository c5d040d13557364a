/** The machine's BLAS and LAPACK: found by their names, proved in a process of their own before they are let in here. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { openLibrary, type Library } from "./library";
import type { Finding } from "./probe";

/** Where no library serves, why not. */
export interface System {
  readonly library: Library | undefined;
  /** What was found and left alone, a sentence each. */
  readonly refused: readonly string[];
  readonly isForbidden: boolean;
}

/** Sets of files, the best first: one that has both, or a BLAS and a LAPACK that goes with any. */
const candidates: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly string[])[]>>> = {
  darwin: [["/System/Library/Frameworks/Accelerate.framework/Accelerate"], ["libopenblas.dylib"]],
  linux: [
    ["libopenblas.so.0"],
    ["libopenblas.so"],
    ["libmkl_rt.so.2"],
    ["libmkl_rt.so"],
    ["libblis.so.4", "liblapack.so.3"],
    ["libblis-mt.so", "libflame.so"],
  ],
  win32: [["libopenblas.dll"], ["openblas.dll"], ["mkl_rt.2.dll"], ["mkl_rt.dll"]],
};

/** Names a library's file, or "off". */
const variable = "SADDLE_BLAS";

let known: System | undefined;

/** What serves in this process. It is looked for once, at the first call, in some tenths of a second. */
export function system(): System {
  return (known ??= findSystem(process.env[variable]));
}

function findSystem(choice: string | undefined): System {
  if (choice === "off") return { library: undefined, refused: [], isForbidden: true };
  const refused: string[] = [];
  const tried = choice === undefined ? (candidates[process.platform] ?? []) : [[choice]];
  for (const files of tried) {
    const finding = probe(files);
    if (finding.kind === "right") return { library: openLibrary(files), refused, isForbidden: false };
    if (finding.kind === "missing" && choice === undefined) continue;
    const what = finding.kind === "wrong" ? finding.reason : `it cannot be used (${finding.reason})`;
    refused.push(`${files.join(" with ")} is left alone: ${what}.`);
  }
  for (const line of refused)
    process.emitWarning(`${line} Linear algebra runs in JavaScript.`, "SaddleWarning");
  return { library: undefined, refused, isForbidden: false };
}

/** A library that hangs is as broken as one that crashes. */
const longestProbe = 30_000; // ms

function probe(files: readonly string[]): Finding {
  const { status, signal, stdout, error } = spawnSync(
    process.execPath,
    [join(__dirname, "probe.js"), ...files],
    { encoding: "utf8", timeout: longestProbe, stdio: ["ignore", "pipe", "ignore"] },
  );
  if (status === 0) return JSON.parse(stdout) as Finding;
  const end = error?.message ?? signal ?? `status ${status}`;
  return { kind: "wrong", reason: `its self-test ended with ${end}` };
}
