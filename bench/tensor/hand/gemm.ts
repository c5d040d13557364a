import { binding, repeat, type Kernel } from "./gpu";

export interface Gemm {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly batch?: number;
  /** `a` is stored [inner, rows]. */
  readonly transposeA?: boolean;
  /** Rows that a lane computes, of one vec4 of columns each, or of two. */
  readonly rowsPerLane?: number;
  readonly vectorsPerLane?: number;
  /** Subgroups in a workgroup, below each other. */
  readonly subgroups?: number;
  /** More bindings, from 3 on, and what to do with a result instead of storing it. */
  readonly declarations?: string;
  readonly epilogue?: (value: string, index: string, column: string) => string;
}

/** The tile that each of the two software drivers runs fastest. */
export function tileFor(lanes: number): Pick<Gemm, "rowsPerLane" | "vectorsPerLane"> {
  return { rowsPerLane: 16, vectorsPerLane: lanes === 4 ? 2 : 1 };
}

/**
 * c = a·b for sizes that the tile divides. The lanes lie along the columns; a tile of `a` is loaded once across
 * them, and each element of it then goes to all by a broadcast. The loop's bound is read at run time, for Mesa
 * unrolls what it can count.
 */
export function gemmKernel(lanes: number, gemm: Gemm): Kernel {
  const { rows, columns, inner, batch = 1, transposeA = false } = gemm;
  const { rowsPerLane: height = 16, vectorsPerLane: width = 1 } = gemm;
  let { subgroups = 4 } = gemm;
  while (rows % (height * subgroups) && subgroups > 1) subgroups >>= 1;
  const from = (size: number) => (batch > 1 ? `w.z * ${size / 4}u + ` : "");
  const load = (n: number) =>
    transposeA
      ? `let n${n} = lane + ${n * lanes}u;
         let x${n} = a[${from(rows * inner)}(k * 4u + n${n} / ${height / 4}u) * ${rows / 4}u + r0 / 4u + n${n} % ${height / 4}u];`
      : `let x${n} = a[${from(rows * inner)}(r0 + ${n * lanes}u + lane) * ${inner / 4}u + k];`;
  /** Where the tile's element of row i and inner index 4k + c was loaded to. */
  const place = (i: number, c: number) => {
    const [item, part] = transposeA ? [(c * height) / 4 + (i >> 2), i & 3] : [i, c];
    return `subgroupBroadcast(x${Math.floor(item / lanes)}[${part}], ${item % lanes}u)`;
  };
  const multiply = (c: number) =>
    repeat(
      width,
      (j) =>
        `let b${c}_${j} = b[${from(inner * columns)}(k * 4u + ${c}u) * ${columns / 4}u + c0 + ${j * lanes}u];`,
    ) +
    repeat(
      height,
      (i) =>
        `let a${c}_${i} = vec4f(${place(i, c)});` +
        repeat(width, (j) => `s${i}_${j} = fma(a${c}_${i}, b${c}_${j}, s${i}_${j});`),
    );
  const store = (i: number) => (j: number) => {
    const index = `${from(rows * columns)}(r0 + ${i}u) * ${columns / 4}u + c0 + ${j * lanes}u`;
    return gemm.epilogue?.(`s${i}_${j}`, index, `c0 + ${j * lanes}u`) ?? `c[${index}] = s${i}_${j};`;
  };
  const code = `${binding(0, "a", "vec4f")}${binding(1, "b", "vec4f")}${binding(2, "c", "vec4f", "read_write")}
    ${gemm.declarations ?? ""}
    @compute @workgroup_size(${lanes}, ${subgroups})
    fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {
      let lane = l.x;
      let r0 = (w.y * ${subgroups}u + l.y) * ${height}u;
      let c0 = w.x * ${lanes * width}u + lane;
      let end = arrayLength(&a) / ${rows * batch}u;
      ${repeat(height, (i) => repeat(width, (j) => `var s${i}_${j} = vec4f();`))}
      for (var k = 0u; k < end; k++) {
        ${repeat(Math.ceil(height / lanes), load)}
        ${repeat(4, multiply)}
      }
      ${repeat(height, (i) => repeat(width, store(i)))}
    }`;
  return { code, workgroups: [columns / 4 / (lanes * width), rows / (height * subgroups), batch] };
}
