/** How functions that WGSL lacks, or that drivers may be coarse in, are written: for f32 and for vec4f. */

/** The types of one width, by the letter that WGSL ends their names with. */
export interface Lanes {
  readonly f: "f32" | "vec4f";
  readonly i: "i32" | "vec4i";
  readonly u: "u32" | "vec4u";
  /** Ends the names of functions of this width. */
  readonly suffix: "" | "4";
}

const widths: readonly Lanes[] = [
  { f: "f32", i: "i32", u: "u32", suffix: "" },
  { f: "vec4f", i: "vec4i", u: "vec4u", suffix: "4" },
];

/** `source` for both widths. */
export function bothWidths(source: (lanes: Lanes) => string): string {
  return widths.map(source).join("\n");
}

/** A function of f32s, and one of vec4fs that calls it for each lane. */
export function perLane(name: string, parameters: readonly string[], body: string): string {
  const typed = (type: string): string => parameters.map((p) => `${p}: ${type}`).join(", ");
  const calls = ["x", "y", "z", "w"].map(
    (lane) => `${name}(${parameters.map((p) => `${p}.${lane}`).join(", ")})`,
  );
  return `
fn ${name}(${typed("f32")}) -> f32 {${body}}
fn ${name}4(${typed("vec4f")}) -> vec4f { return vec4f(${calls.join(", ")}); }`;
}

/** The polynomial in `x` with these coefficients, the highest power first; of one width, f32 unless given. */
export function horner(x: string, coefficients: readonly number[], f: Lanes["f"] = "f32"): string {
  const [first, ...rest] = coefficients.map((c) => (f === "f32" ? `${c}f` : `${f}(${c}f)`));
  return rest.reduce((text, c) => `(${text}) * ${x} + ${c}`, first);
}

/** `x` without the lower half of its digits: such numbers have exact products. */
export function upperHalf(x: string, { f, u }: Lanes = widths[0]): string {
  return `bitcast<${f}>(bitcast<${u}>(${x}) & ${u}(0xfffff000u))`;
}
