import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./folders";

const manifest = readFileSync(join(packageFolder, "package.json"), "utf8");

export const { version } = JSON.parse(manifest) as { readonly version: string };
