import { expect } from "chai";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = join(__dirname, "../../../test/golden");

/**
 * Expects `text` to be what the file `name` of `test/golden` holds. `UPDATE_SNAPSHOTS=1 make test` writes what came out
 * instead; look at the difference before you commit it.
 */
export function expectSnapshot(name: string, text: string): void {
  const file = join(folder, name);
  if (process.env["UPDATE_SNAPSHOTS"]) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file), `${name} is missing: UPDATE_SNAPSHOTS=1 writes it`).to.equal(true);
  expect(text).to.equal(readFileSync(file, "utf8"));
}
