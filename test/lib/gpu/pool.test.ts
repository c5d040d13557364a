import { expect } from "chai";
import { BufferPool } from "../../../lib/gpu/pool";

const megabyte = 2 ** 20;

describe("the pool of buffers", () => {
  it("gives nothing back to the driver while work that uses it is being encoded, then what is too much to keep", () => {
    const destroyed: number[] = [];
    const device = {
      createBuffer: ({ size }: { size: number }) => ({ destroy: () => destroyed.push(size) }),
    } as unknown as GPUDevice;
    const pool = new BufferPool(device, 0, 256 * megabyte);
    const temporaries = [0, 1, 2].map(() => pool.acquire(128 * megabyte));
    for (const buffer of temporaries) pool.release(buffer);
    expect(destroyed).to.have.length(0);
    expect(pool.memory()).to.deep.equal({ live: 0, pooled: 384 * megabyte, peak: 384 * megabyte });
    pool.shrink();
    expect(destroyed).to.have.length(1);
    expect(pool.memory().pooled).to.equal(256 * megabyte);
  });
});
