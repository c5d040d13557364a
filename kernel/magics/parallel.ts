import { optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  {
    name: "devices",
    type: "expression",
    help: "how many ranks, each with a device (2); more than there are share",
  },
  { name: "engine", type: "word", help: "`shm`: one machine, shared memory; `mpi`: any number, through MPI" },
  { name: "hosts", type: "words", help: "with mpi, the machines and how many ranks each takes: `a:4,b:4`" },
  { name: "launcher", type: "word", help: "what starts the ranks of mpi: `mpiexec` or `srun`" },
  { name: "pull", type: "words", help: "variables to bring back from rank 0, which must be the same on all" },
  { name: "timeout", type: "expression", help: "seconds after which the ranks that are missing are named" },
];

export const parallel: StandardMagic = {
  name: "parallel",
  summary:
    "Runs the cell on every rank of a group, each with a device and variables of its own, data-parallel.",
  usage:
    "%%parallel [--devices N] [--engine shm|mpi] [--hosts a:4,b:4] [--launcher mpiexec|srun] [--pull a,b] [--timeout S]",
  arguments: "none",
  options,
  example: `%%parallel --devices 2
import { parallel, tensor } from "saddle";
const mine = parallel.shard(tensor([1, 2, 3, 4]));
const sum = await parallel.allReduce(mine.sum());
console.log(await mine.array(), await sum.item());`,
  kinds: ["cell"],
  pullOption: "pull",
  expand: (given) => typescript`await __saddle.onRanks(${optionsObject(given, {}, options)})`,
};
