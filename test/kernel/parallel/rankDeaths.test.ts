import { expect } from "chai";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { RankDeaths, deathNotice, watched } from "../../../kernel/parallel/rankDeaths";

describe("the end of a rank that a launcher has started", () => {
  it("is told by who watches it, with its rank and the reason", () => {
    const ends = {
      "process.exit(3)": "ended itself with exit status 3",
      "process.kill(process.pid, 'SIGKILL')": "was ended by SIGKILL (by hand, or for want of memory)",
      "process.kill(process.pid, 'SIGTERM')": "was ended by SIGTERM",
    };
    for (const [variable, rank] of [
      ["OMPI_COMM_WORLD_RANK", 2],
      ["PMI_RANK", 0],
      ["SLURM_PROCID", 5],
    ] as const) {
      // prettier-ignore
      for (const [end, how] of Object.entries(ends)) {
        const [command, ...args] = watched([process.execPath, "-e", `console.error("said"); ${end}`]);
        const { stderr, status } = spawnSync(command, args, {
          encoding: "utf8",
          env: { ...process.env, [variable]: String(rank) },
        });
        const deaths = new RankDeaths();
        expect(deaths.read(stderr)).to.equal("said\n");
        expect(deaths.first).to.deep.equal({ rank, how });
        expect(status).not.to.equal(0);
      }
    }
  });

  it("is found wherever the text is cut, and the text without it stays whole", () => {
    const text = `before${deathNotice(1, 137)}between\u0001 ${deathNotice(0, 143)}after`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const deaths = new RankDeaths();
        const parts = places.slice(1).map((end, i) => deaths.read(text.slice(places[i], end)));
        expect(parts.join("")).to.equal("beforebetween\u0001 after");
        expect(deaths.first?.rank).to.equal(1);
      }),
    );
  });
});
