/** Where a slider can stand: at `min`, at each step from there, and at `max`. */
export interface Rail {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

const usualSteps = 100;
const mostSteps = 2 * usualSteps;
const tolerance = 1e-9;

/** A step of about 1/100 of the way with which a slider can stand at `place`, unless that is all but its end. */
export function stepFor({ min, max }: Omit<Rail, "step">, place: number): number {
  const share = (place - min) / (max - min);
  for (let steps = usualSteps; steps <= mostSteps; steps++) {
    const before = share * steps;
    if (Math.abs(before - Math.round(before)) < tolerance) return (max - min) / steps;
  }
  const before = Math.round(share * usualSteps);
  return before === 0 ? (max - min) / usualSteps : (place - min) / before;
}

/** Where a slider stands that has been put at `place`, without what rounding has added. */
export function nearestStop(rail: Rail, place: number): number {
  const { min, max } = rail;
  const [stop] = place >= max - tolerance * (max - min) ? [max] : stopsFor(rail, place, 0);
  const written = Number(stop.toPrecision(15));
  return stop === max ? max : written;
}

/** Whether a slider that has been put at `place` may stand at `stop`: half-way between two, rounding says at which. */
export function mayStandAt(rail: Rail, stop: number, place: number): boolean {
  const slack = 1e-6;
  return stopsFor(rail, place, slack).some((other) => Math.abs(other - stop) <= slack * rail.step);
}

/** The step nearest to `place`, or the nearest ones where `slack`, in steps, cannot tell; at the end, that. */
function stopsFor({ min, max, step }: Rail, place: number, slack: number): number[] {
  if (place >= max) return [max];
  const steps = (place - min) / step;
  const near = [-slack, slack].map((shift) => Math.min(max, min + Math.round(steps + shift) * step));
  return place >= max - slack * step ? [...near, max] : near;
}
