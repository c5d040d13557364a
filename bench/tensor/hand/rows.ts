/** Kernels that pass over rows, or over everything, once or twice. */
import { binding, repeat, type Kernel } from "./gpu";

const lastRow = "let first = (w.x * 4u + l.y) * ";

export function chainKernel(size: number): Kernel {
  const one = (i: number) =>
    `{ let i = g.x * 4u + ${i}u; let x = a[i]; y[i] = exp(-sqrt(abs(x * 1.5 + 0.25))) * x + 0.5; }`;
  const code = `${binding(0, "a", "vec4f")}${binding(1, "y", "vec4f", "read_write")}
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) { ${repeat(4, one)} }`;
  return { code, workgroups: [size / 16 / 64, 1, 1] };
}

/** Of which each invocation leaves one sum, for `totalKernel` to add. */
export function partialSumsKernel(size: number, parts: number): Kernel {
  const code = `${binding(0, "a", "vec4f")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
      var s = vec4f();
      var t = vec4f();
      let count = arrayLength(&a) / ${parts}u;
      let first = g.x * ${size / 4 / parts}u;
      for (var i = first; i < first + count; i += 4u) {
        s += a[i] + a[i + 1u];
        t += a[i + 2u] + a[i + 3u];
      }
      s += t;
      y[g.x] = (s.x + s.y) + (s.z + s.w);
    }`;
  return { code, workgroups: [parts / 64, 1, 1] };
}

export function totalKernel(lanes: number): Kernel {
  const code = `${binding(0, "a", "vec4f")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(${lanes}) fn main(@builtin(local_invocation_id) l: vec3u) {
      var s = vec4f();
      let count = arrayLength(&a);
      for (var i = l.x; i < count; i += ${lanes}u) { s += a[i]; }
      let total = subgroupAdd((s.x + s.y) + (s.z + s.w));
      if (l.x == 0u) { y[0] = total; }
    }`;
  return { code, workgroups: [1, 1, 1] };
}

/** A subgroup a row, four rows a workgroup. */
function rowKernel(lanes: number, rows: number, columns: number, bindings: string, body: string): Kernel {
  const code = `${bindings}
    @compute @workgroup_size(${lanes}, 4)
    fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {
      ${lastRow}${columns / 4}u + l.x;
      let count = arrayLength(&a) / ${rows}u;
      ${body}
    }`;
  return { code, workgroups: [rows / 4, 1, 1] };
}

export function softmaxKernel(lanes: number, rows: number, columns: number): Kernel {
  const loop = (body: string) => `for (var i = first; i < first + count; i += ${2 * lanes}u) { ${body} }`;
  const both = (text: (index: string, n: number) => string) => repeat(2, (n) => text(`i + ${n * lanes}u`, n));
  return rowKernel(
    lanes,
    rows,
    columns,
    binding(0, "a", "vec4f") + binding(1, "y", "vec4f", "read_write"),
    `var m = vec4f(-3e38);
     ${loop(`m = max(m, max(a[i], a[i + ${lanes}u]));`)}
     let greatest = subgroupMax(max(max(m.x, m.y), max(m.z, m.w)));
     var s = vec4f();
     ${loop(`${both((i, n) => `let e${n} = exp(a[${i}] - greatest); y[${i}] = e${n};`)} s += e0 + e1;`)}
     let scale = 1.0 / subgroupAdd((s.x + s.y) + (s.z + s.w));
     ${loop(both((i) => `y[${i}] *= scale;`))}`,
  );
}

/** Mean and variance in one pass, shifted by the row's first element so that little cancels. */
export function layerNormKernel(lanes: number, rows: number, columns: number): Kernel {
  return rowKernel(
    lanes,
    rows,
    columns,
    ["a", "gamma", "beta"].map((name, i) => binding(i, name, "vec4f")).join("") +
      binding(3, "y", "vec4f", "read_write"),
    `let shift = a[first - l.x].x;
     var s = vec4f();
     var t = vec4f();
     for (var i = first; i < first + count; i += ${4 * lanes}u) {
       ${repeat(4, (n) => `let v${n} = a[i + ${n * lanes}u] - shift;`)}
       s += (v0 + v1) + (v2 + v3);
       t += (v0 * v0 + v1 * v1) + (v2 * v2 + v3 * v3);
     }
     let mean = subgroupAdd((s.x + s.y) + (s.z + s.w)) / ${columns}.0;
     let variance = subgroupAdd((t.x + t.y) + (t.z + t.w)) / ${columns}.0 - mean * mean;
     let scale = inverseSqrt(variance + 1e-5);
     for (var i = 0u; i < count; i += ${2 * lanes}u) {
       ${repeat(2, (n) => {
         const at = `i + ${n * lanes}u`;
         return `y[first + ${at}] = (a[first + ${at}] - mean - shift) * scale * gamma[l.x + ${at}] + beta[l.x + ${at}];`;
       })}
     }`,
  );
}

/** y += a, of `size` elements. */
export function addKernel(size: number): Kernel {
  const workgroup = Math.min(size, 256);
  const code = `${binding(0, "a", "f32")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(${workgroup})
    fn main(@builtin(global_invocation_id) g: vec3u) { y[g.x] = y[g.x] + a[g.x]; }`;
  return { code, workgroups: [Math.ceil(size / workgroup), 1, 1] };
}
