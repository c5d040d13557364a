import { join } from "node:path";

export const repository = join(__dirname, "..", "..", "..");

/** Where results go, and what is computed once. */
export const outputFolder = join(repository, "out", "bench");

export const baselineFile = join(repository, "bench", "tensor", "baseline.json");
