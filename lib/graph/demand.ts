/** How often the kernels need a node that is computed inside them. */
import type { Place } from "./places";

/** One time that a kernel computes a node. */
export interface Evaluation {
  /** The root of the kernel. */
  readonly owner: number;
  /** The reduction or contraction whose terms need it; undefined where the kernel's result does. */
  readonly stage: number | undefined;
  readonly place: Place;
  /** Views on the way there from the kernel's root or stage. */
  readonly views: number;
}

/** What one kernel has to do for a node. */
export interface Share {
  readonly owner: number;
  readonly evaluations: number;
  /** At how many places; what several stages compute at one place counts once. */
  readonly places: number;
}

export interface Demand {
  readonly evaluations: readonly Evaluation[];
  readonly shares: readonly Share[];
  /** The most terms that a place has, and the most views on the way to one. */
  readonly terms: number;
  readonly views: number;
}

export const noDemand: Demand = { evaluations: [], shares: [], terms: 0, views: 0 };

export function demandOf(evaluations: readonly Evaluation[]): Demand {
  return {
    evaluations,
    shares: sharesOf(evaluations),
    terms: evaluations.reduce((most, { place }) => Math.max(most, place.terms), 0),
    views: evaluations.reduce((most, e) => Math.max(most, e.views), 0),
  };
}

/** All that several readers demand, the same evaluation once. */
export function together(demands: readonly Demand[]): Demand {
  const [first = noDemand] = demands;
  if (demands.every((d) => d === first)) return first;
  const different = new Map<string, Evaluation>();
  for (const { evaluations } of demands) {
    for (const e of evaluations) {
      const key = `${e.owner} ${e.stage ?? ""} ${e.place.key}`;
      if (e.views >= (different.get(key)?.views ?? 0)) different.set(key, e);
    }
  }
  return demandOf([...different.values()]);
}

/** `demand` of what lies behind `views` more views; each place is moved once, however many kernels and stages have it. */
export function moved(demand: Demand, views: number, move: (place: Place) => Place): Demand {
  const places = new Map<string, Place>();
  const evaluations = demand.evaluations.map((e) => {
    let place = places.get(e.place.key);
    if (!place) places.set(e.place.key, (place = move(e.place)));
    return { ...e, place, views: e.views + views };
  });
  return demandOf(evaluations);
}

/** The one kernel and the one place, directly below its root or a reduction, of which all of `demand` is. */
export function onlyPlace({ evaluations }: Demand): Evaluation | undefined {
  const [first, ...others] = evaluations;
  if (first?.place.at === undefined || !first.place.direct) return undefined;
  const isSame = (e: Evaluation): boolean => e.owner === first.owner && e.place.key === first.place.key;
  return others.every(isSame) ? first : undefined;
}

function sharesOf(evaluations: readonly Evaluation[]): Share[] {
  if (evaluations.length === 1) return [{ owner: evaluations[0].owner, evaluations: 1, places: 1 }];
  const byOwner = new Map<number, { evaluations: number; places: Set<string> }>();
  for (const { owner, place } of evaluations) {
    let share = byOwner.get(owner);
    if (!share) byOwner.set(owner, (share = { evaluations: 0, places: new Set() }));
    share.evaluations++;
    share.places.add(place.key);
  }
  return [...byOwner].map(([owner, s]) => ({ owner, evaluations: s.evaluations, places: s.places.size }));
}
