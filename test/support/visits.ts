/** Counting how often a graph is looked at: what time depends on, without measuring any. */
import type { Canonical } from "../../lib/graph/canonical";
import type { Node } from "../../lib/graph/node";

export interface Visits {
  count: number;
}

/** `list`, counting each element that is read. */
export function countedList<T>(list: readonly T[], visits: Visits): T[] {
  return new Proxy([...list], {
    get(target, name, receiver) {
      if (typeof name === "string" && /^\d+$/.test(name)) visits.count++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

/** `graph`, counting each look at a node and each at the inputs of one. */
export function countedGraph(graph: Canonical, visits: Visits): Canonical {
  return {
    ...graph,
    nodes: countedList(graph.nodes, visits),
    inputs: countedList(
      graph.inputs.map((from) => countedList(from, visits)),
      visits,
    ),
  };
}

/** Counts from now on how often the ops and inputs of `nodes` are looked at. */
export function countLooks(nodes: readonly Node[], visits: Visits): void {
  for (const node of nodes) {
    for (const name of ["op", "inputs"] as const) {
      let value: unknown = node[name];
      Object.defineProperty(node, name, {
        get() {
          visits.count++;
          return value;
        },
        set(given: unknown) {
          value = given;
        },
      });
    }
  }
}
