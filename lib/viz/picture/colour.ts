import { list, number, string } from "./read";

export type Rgb = readonly [red: number, green: number, blue: number];

type Stops = readonly (readonly [place: number, colour: Rgb])[];

const named: Readonly<Record<string, readonly string[]>> = {
  Cividis: ["#00204c", "#414d6b", "#7c7b78", "#bcaf6f", "#ffe945"],
  Greys: ["#000000", "#ffffff"],
  Viridis: ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"],
};

/** The colours of the numbers from 0 to 1, by Plotly's `colorscale`. */
export function scaleOf(colorscale: unknown, isReversed: boolean): (part: number) => Rgb {
  const stops = stopsOf(colorscale);
  return (part) => {
    const place = Math.min(Math.max(isReversed ? 1 - part : part, 0), 1);
    const above = Math.max(
      1,
      stops.findIndex(([at]) => at >= place),
    );
    const [[from, low], [to, high]] = [stops[above - 1], stops[above]];
    const share = to > from ? (place - from) / (to - from) : 0;
    const mixed = low.map((value, channel) => Math.round(value + share * (high[channel] - value)));
    return mixed as unknown as Rgb;
  };
}

function stopsOf(colorscale: unknown): Stops {
  const given = list(colorscale).flatMap((stop) => {
    const [place, colour] = list(stop);
    return number(place) === undefined || string(colour) === undefined
      ? []
      : [[place as number, rgbOf(colour as string)] as const];
  });
  if (given.length > 1) return given;
  const colours = named[string(colorscale) ?? ""] ?? named["Cividis"];
  return colours.map((colour, index) => [index / (colours.length - 1), rgbOf(colour)]);
}

export function rgbOf(colour: string): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  const parts = hex
    ? hex.slice(1).map((digits) => parseInt(digits, 16))
    : colour.match(/[\d.]+/g)?.map(Number);
  return parts !== undefined && parts.length >= 3 ? (parts.slice(0, 3) as unknown as Rgb) : [128, 128, 128];
}

export function hexOf(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
