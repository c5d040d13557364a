import { availableParallelism } from "node:os";
import { expect } from "chai";
import { coresOf } from "../../../lib/util/cores";

describe("the cores of a process", () => {
  const all = availableParallelism();

  it("are the machine's where it is alone", () => {
    expect(coresOf({})).to.equal(all);
    expect(coresOf({ OMPI_COMM_WORLD_LOCAL_SIZE: "none" })).to.equal(all);
  });

  it("are shared by the ranks of a machine, and one at least", () => {
    for (const name of ["SADDLE_LOCAL_RANKS", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"]) {
      expect(coresOf({ [name]: "2" })).to.equal(Math.max(1, Math.floor(all / 2)));
      expect(coresOf({ [name]: String(4 * all) })).to.equal(1);
    }
  });
});
