import { expect } from "chai";
import fc from "fast-check";
import { schedule, type Reader } from "../../../lib/graph/schedule";
import { countedList, type Visits } from "../../support/visits";

/** Each step reads some of what those before it wrote, and writes a temporary of its number. */
const programs = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 3 }), fc.nat(5), fc.boolean()), { maxLength: 25 })
  .map((list) => ({
    steps: list.map(([reads, , isRoot], s): Reader => {
      const inputs =
        s === 0 || isRoot ? [] : reads.map((r) => ({ kind: "temporary", temporary: r % s }) as const);
      return { inputs, output: s };
    }),
    bytes: list.map(([, size]) => size),
    held: new Set(list.flatMap(([, size], s) => (size === 5 ? [s] : []))),
  }));

/** The same order, found by looking at all steps for each. */
function plainly(steps: readonly Reader[], bytes: readonly number[], held: ReadonlySet<number>): Reader[] {
  const left = new Set(steps);
  const reads = (s: Reader, t: number): boolean =>
    s.inputs.some((ref) => ref.kind === "temporary" && ref.temporary === t);
  const added = (s: Reader): number =>
    bytes.reduce(
      (sum, size, t) =>
        reads(s, t) && !held.has(t) && ![...left].some((o) => o !== s && reads(o, t)) ? sum - size : sum,
      bytes[s.output],
    );
  const order: Reader[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((s) => ![...left].some((o) => reads(s, o.output)));
    const next = ready.reduce((a, b) => (added(b) < added(a) ? b : a));
    left.delete(next);
    order.push(next);
  }
  return order;
}

describe("a schedule", () => {
  it("takes of what can run the step that adds least to what is held, the earliest of equals", () => {
    fc.assert(
      fc.property(programs, ({ steps, bytes, held }) => {
        expect(schedule(steps, bytes, held)).to.deep.equal(plainly(steps, bytes, held));
      }),
    );
  });

  it("looks at each size as often for many steps that can run as for few", () => {
    const visitsOf = (n: number): number => {
      const visits: Visits = { count: 0 };
      const steps = Array.from({ length: n }, (_, s): Reader => {
        const reads = s % 2 === 0 ? [] : [{ kind: "temporary", temporary: s - 1 } as const];
        return { inputs: reads, output: s };
      });
      const bytes = steps.map((_, s) => (7 * s) % 64);
      schedule(steps, countedList(bytes, visits), new Set());
      return visits.count / n;
    };
    expect(visitsOf(800)).to.be.at.most(1.5 * visitsOf(100));
  });

  it("looks at each reader of a temporary once", () => {
    const steps = Array.from({ length: 2000 }, (_, s): Reader => {
      return { inputs: s === 0 ? [] : [{ kind: "temporary", temporary: 0 }], output: s };
    });
    const bytes = steps.map(() => 4);
    const visits: Visits = { count: 0 };
    expect(schedule(steps, countedList(bytes, visits), new Set())).to.have.length(2000);
    expect(visits.count).to.be.at.most(10 * steps.length);
  });
});
