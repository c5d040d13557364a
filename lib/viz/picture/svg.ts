import { escapeHtml } from "../../util/html";

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const ink = "#1a1a1a";
export const gridInk = "#dcdcdc";

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element, numbers to a tenth of a pixel. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? tenth(value) : escapeHtml(value!)}"`);
  const head = `<${name}${written.join("")}`;
  return content === "" ? `${head}/>` : `${head}>${content}</${name}>`;
}

export function tenth(x: number): string {
  return String(Math.round(10 * x) / 10);
}

export interface Lettering {
  readonly size: number;
  readonly anchor?: "start" | "middle" | "end";
  /** Where the lines lie by the place: above it, about it, or below. */
  readonly base?: "above" | "about" | "below";
  readonly turned?: boolean;
}

const lineHeight = 1.3;

/** Lines of text at a place. */
export function lettering(
  text: string,
  [x, y]: readonly [number, number],
  { size, anchor = "start", base = "above", turned = false }: Lettering,
): string {
  const lines = linesOf(text);
  const up = { above: lines.length - 1, about: (lines.length - 1) / 2 - 0.27, below: -0.8 }[base];
  const spans = lines.map((line, index) => {
    const down = (index - up) * size * lineHeight;
    return element("tspan", { x, y: y + down }, escapeHtml(line));
  });
  const transform = turned ? `rotate(-90 ${tenth(x)} ${tenth(y)})` : undefined;
  return element("text", { "font-size": size, "text-anchor": anchor, fill: ink, transform }, spans.join(""));
}

/** Plotly's text without its tags. */
export function linesOf(text: string): string[] {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return text
    .split(/<br\s*\/?>|\n/)
    .map((line) =>
      line
        .replace(/<\/?[a-z][^>]*>/gi, "")
        .replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => entities[name]),
    );
}

/** About how wide a text is, in pixels. */
export function widthOf(text: string, size: number): number {
  return Math.max(...linesOf(text).map((line) => line.length)) * size * 0.55;
}
