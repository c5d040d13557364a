/** A program: decomposes matrices of all shapes and prints the results, what was refused, and which library served. */
import { cpu, linalg, random, tensor, withDevice, type Tensor } from "../../../lib";
import { system } from "../../../lib/blas/system";

const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(warning.message));

const results: Record<string, number[]> = {};
const refusals: Record<string, string> = {};

async function record(name: string, values: () => Tensor | readonly Tensor[]): Promise<void> {
  try {
    const made = values();
    const list: readonly Tensor[] = Array.isArray(made) ? made : [made as Tensor];
    for (const [i, value] of list.entries()) results[`${name}.${i}`] = Array.from(await value.data());
  } catch (error) {
    refusals[name] = (error as Error).message;
  }
}

async function main(): Promise<void> {
  for (const [seed, [m, n]] of (
    [
      [40, 40],
      [64, 33],
      [33, 64],
      [2, 3],
      [1, 1],
    ] as const
  ).entries()) {
    const a = random.normal(random.key(seed), [m, n]);
    const name = `${m}x${n}`;
    await record(`svd ${name}`, () => linalg.svd(a));
    await record(`svdvals ${name}`, () => linalg.svdvals(a));
    await record(`qr ${name}`, () => linalg.qr(a));
    await record(`pinv ${name}`, () => linalg.pinv(a));
    await record(`matmul ${name}`, () => a.matmul(a.transpose()));
    if (m !== n) continue;
    const definite = a.matmul(a.transpose());
    await record(`eigh ${name}`, () => linalg.eigh(a));
    await record(`eigvalsh ${name}`, () => linalg.eigvalsh(a));
    await record(`cholesky ${name}`, () => linalg.cholesky(definite));
    await record(`cholesky of an indefinite ${name}`, () => linalg.cholesky(definite.neg()));
    await record(`solve ${name}`, () => linalg.solve(a, random.normal(random.key(9), [n, 5])));
    await record(`inv ${name}`, () => linalg.inv(a));
    await record(`inv of a singular ${name}`, () => linalg.inv(a.mul(0)));
    await record(`det ${name}`, () => linalg.det(a));
    await record(`slogdet ${name}`, () => linalg.slogdet(a));
    await record(`cond ${name}`, () => linalg.cond(a));
    await record(`eigh of NaN ${name}`, () => linalg.eigh(a.add(NaN)));
  }
  const batch = random.normal(random.key(5), [3, 2, 30, 30]);
  await record("eigh of a batch", () => linalg.eigh(batch));
  await record("solve of a batch", () => linalg.solve(batch, batch));
  await record("matmul of a batch", () => batch.matmul(batch));
  await record("rank", () => linalg.matrixRank(batch.matmul(tensor(0).add(batch))));
  await new Promise(setImmediate);
  const { library } = system();
  process.stdout.write(
    JSON.stringify({ results, refusals, warnings: warnings.join("\n"), library: library?.name }),
  );
}

void withDevice(cpu, main);
