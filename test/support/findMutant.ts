/** Searches for a graph that a plan computes wrongly, with one fault planted: `node findMutant.js <number> <seconds>`. */
import { mutants, plant } from "./planMutants";

async function main(number: number, seconds: number): Promise<void> {
  plant(mutants[number]);
  const { findDifference } = await import("./randomGraphs.js");
  process.stdout.write(JSON.stringify(await findDifference({ seconds, seed: 20_261_201, shrinking: false })));
}

void main(Number(process.argv[2]), Number(process.argv[3]));
