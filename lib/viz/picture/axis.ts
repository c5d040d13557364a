import type { PlotlyJson } from "../theme";
import { extent } from "../values";
import { list, number, string } from "./read";

/** An axis of a static picture: what it spans, and in which of its units. */
export interface Axis {
  readonly layout: PlotlyJson;
  readonly isLog: boolean;
  /** The names along the axis, if it has names. */
  readonly names: readonly string[] | undefined;
  /** In its own units: decades of a logarithmic one, places of names. From left to right, and from below upwards. */
  readonly range: readonly [number, number];
}

export interface Tick {
  readonly place: number;
  readonly label: string;
}

/** What traces have along an axis, and how much room there is to be beyond. */
export interface Span {
  readonly values: readonly unknown[];
  /** In parts of the range. */
  readonly room: number;
}

export function axisOf(layout: PlotlyJson, spans: readonly Span[]): Axis {
  const values = spans.flatMap((span) => span.values);
  const isNamed =
    layout.type === "category" || values.some((value) => typeof value === "string" && isNaN(Number(value)));
  const isLog = layout.type === "log";
  const names = isNamed ? [...new Set(values.map(String))] : undefined;
  const bare = { layout, isLog, names };
  const [from, to] = list(layout.range).map(Number);
  if (Number.isFinite(from) && Number.isFinite(to)) return { ...bare, range: widened(from, to) };
  const ends = spans.flatMap((span) => {
    const places = span.values.flatMap((value) => placeOf(bare, value) ?? []);
    if (places.length === 0) return [];
    const [least, greatest] = extent(places);
    const room = span.room * (greatest - least || 1);
    return [least - room, greatest + room];
  });
  const [least, greatest] = names ? [-0.5, names.length - 0.5] : ends.length > 0 ? extent(ends) : [0, 1];
  const [low, high] = widened(least, greatest);
  return { ...bare, range: layout.autorange === "reversed" ? [high, low] : [low, high] };
}

function widened(from: number, to: number): [number, number] {
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

/** Where a value lies, in the axis's own units; nothing where it has no place. */
export function placeOf(
  { isLog, names }: Omit<Axis, "range" | "layout">,
  value: unknown,
): number | undefined {
  if (names !== undefined) {
    const place = names.indexOf(String(value));
    return place === -1 ? number(value) : place;
  }
  if (value === null || value === "") return undefined;
  const x = Number(value);
  return number(isLog ? (x > 0 ? Math.log10(x) : undefined) : x);
}

/** About `most` ticks within the range. */
export function ticksOf(axis: Axis, most: number): Tick[] {
  const { layout, names, isLog } = axis;
  const [least, greatest] = extent(axis.range);
  const isWithin = ({ place }: Tick) => place >= least - 1e-9 && place <= greatest + 1e-9;
  const texts = list(layout.ticktext);
  const given = list(layout.tickvals).flatMap((value, index) => {
    const place = placeOf(axis, value);
    return place === undefined ? [] : [{ place, label: string(texts[index]) ?? String(value) }];
  });
  if (given.length > 0) return given.filter(isWithin);
  if (names !== undefined) {
    const stride = Math.ceil(names.length / most);
    return names.map((label, place) => ({ place, label })).filter(({ place }) => place % stride === 0);
  }
  const step = stepOf(greatest - least, most, isLog ? 1 : 0);
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(greatest / step + 1e-9) - first + 1;
  return Array.from({ length: Math.min(count, 100) }, (_, index) => {
    const place = (first + index) * step;
    return { place, label: isLog ? powerText(place) : numberText(place, step) };
  });
}

/** 1, 2 or 5 times a power of ten. */
export function stepOf(span: number, most: number, least: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((digit) => digit * power >= rough * (1 - 1e-9)) ?? 10;
  return Math.max(step * power, least);
}

function numberText(value: number, step: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < step / 2) return "0";
  if (magnitude >= 1e6 || step < 1e-5) return minus(Number(value.toPrecision(3)).toExponential());
  return minus(String(Number(value.toFixed(Math.max(0, Math.ceil(-Math.log10(step) + 1e-9))))));
}

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function powerText(power: number): string {
  if (Number.isInteger(power) && power >= -2 && power <= 3) return String(10 ** power);
  const digits = Array.from(String(power), (digit) =>
    digit === "-" ? "⁻" : (raised[Number(digit)] ?? digit),
  );
  return `10${digits.join("")}`;
}

function minus(text: string): string {
  return text.replaceAll("-", "−");
}
