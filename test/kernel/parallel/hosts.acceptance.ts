import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, launchers } from "../../lib/parallel/support/ranks";
import { emptyFolder, program } from "../support/client";

const hosts = { head: "10.77.0.1", node1: "10.77.0.11", node2: "10.77.0.12" };

const setUp = `set -e
ip netns add head; ip -n head link add br0 type bridge; ip -n head addr add ${hosts.head}/24 dev br0
ip -n head link set br0 up; ip -n head link set lo up
for i in 1 2; do
  ip netns add node$i; ip link add v$i netns head type veth peer name eth0 netns node$i
  ip -n head link set v$i master br0 up; ip -n node$i addr add 10.77.0.1$i/24 dev eth0
  ip -n node$i link set eth0 up; ip -n node$i link set lo up
done
for n in head node1 node2; do
  mkdir -p /etc/netns/$n
  { echo "127.0.0.1 localhost"; ${Object.entries(hosts)
    .map(([name, address]) => `echo "${address} ${name}";`)
    .join(" ")} } > /etc/netns/$n/hosts
done`;
const tearDown = "for n in node1 node2 head; do ip netns del $n; rm -rf /etc/netns/$n; done";

/** Stands in for ssh: agent.sh [options] HOST command… */
const agent = `#!/bin/sh
while case "$1" in -*) true;; *) false;; esac; do case "$1" in -l|-p|-o) shift;; esac; shift; done
h=$1; shift; exec ip netns exec $h unshare -u sh -c "hostname $h; $*"
`;

const training = `
import { parallel, tensor } from "saddle";
import { hostname } from "node:os";
const step = parallel.dataParallel((w: any, x: any) => x.mul(w).sub(1).square().mean());
let w = tensor(0.1);
const x = parallel.shard(tensor([0.5, 1, 1.5, 2, 2.5]));
for (let i = 0; i < 50; i++) w = w.sub((await step(w, x)).grads.mul(0.05));
console.log(hostname(), await w.item());`;

describe("ranks of several hosts, which are network namespaces here", () => {
  const folder = emptyFolder();
  const script = join(folder, "train.ts");

  before(function () {
    // Only root may make network namespaces, and not in every container.
    if (spawnSync("sh", ["-c", setUp]).status !== 0) this.skip();
    writeFileSync(script, training);
    writeFileSync(join(folder, "agent.sh"), agent);
    chmodSync(join(folder, "agent.sh"), 0o755);
  });
  after(() => {
    spawnSync("sh", ["-c", tearDown]);
    rmSync(folder, { recursive: true });
  });

  const run = (where: readonly string[], options: readonly string[], env: NodeJS.ProcessEnv) => {
    const [command, ...args] = [...where, process.execPath, program, "parallel", ...options, script];
    const all = { ...process.env, SADDLE_DEVICE: "cpu", ...env };
    const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: all, timeout: 200_000 });
    const lines = stdout.trimEnd().split("\n").sort();
    expect(lines[0], stderr).to.match(/^\[0\] \S+ [\d.]+$/);
    return lines.map((line) => line.split(" "));
  };

  for (const engine of ["Open MPI", "MPICH"] as const) {
    it(`train over ${engine} as one does alone`, function () {
      if (!isInstalled(engine)) this.skip();
      const [[, , alone]] = run([], ["-n", "1"], {});
      const ssh = join(folder, "agent.sh");
      const network = "10.77.0.0/24";
      const together = run(
        ["ip", "netns", "exec", "head", "unshare", "-u", "sh", "-c", 'hostname head; exec "$@"', "sh"],
        ["-n", "3", "--hosts", "node1:2,node2:1"],
        {
          MPIEXEC: launchers[engine],
          ...{
            OMPI_MCA_plm_rsh_agent: ssh,
            OMPI_MCA_btl_tcp_if_include: network,
            OMPI_MCA_oob_tcp_if_include: network,
          },
          ...{ HYDRA_LAUNCHER: "ssh", HYDRA_LAUNCHER_EXEC: ssh },
        },
      );
      expect(together.map(([, host]) => host)).to.deep.equal(["node1", "node1", "node2"]);
      for (const [, , value] of together) expect(Number(value)).to.be.closeTo(Number(alone), 1e-12);
    });
  }
});
