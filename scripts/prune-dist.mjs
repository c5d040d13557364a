// Removes from dist/ what was compiled from sources that are gone, so that no stale test runs.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

const compiledSuffix = /\.(d\.ts|js|js\.map)$/;

for (const folder of ["lib", "kernel", "test", "bench"]
  .map((name) => join("dist", name))
  .filter(existsSync)) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const compiled = join(entry.parentPath, entry.name);
    const source = relative("dist", compiled).replace(compiledSuffix, ".ts");
    if (entry.isFile() && compiledSuffix.test(compiled) && !existsSync(source)) rmSync(compiled);
  }
}
