// matmul, 3 x 9 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> scalars: array<vec4u, 1>;
var<workgroup> tile: array<vec4f, 4>;
@compute @workgroup_size(8, 1)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {
let lane = l.x;
let row = (w.y * 1u + l.y) * 4u;
let column = w.x * 32u + lane * 4u;
var a0 = vec4f();
var a1 = vec4f();
var a2 = vec4f();
var a3 = vec4f();
let bound = scalars[0u][0u];
for (var k = 0u; k < bound; k += 4u) {
let t0 = lane % 4u;
let m0 = min(row + t0, 32u);
let l0_0 = x0[(m0 * 100u + k) / 4u];
let l0 = l0_0;
workgroupBarrier();
tile[t0] = l0;
workgroupBarrier();
let b0_0n = min(column + 0u, 76u);
let b0_0_0 = b0_0n + k * 77u;
let b0_0_1 = vec4<f32>(x1[b0_0_0], x1[b0_0_0 + 1u * 77u], x1[b0_0_0 + 2u * 77u], x1[b0_0_0 + 3u * 77u]);
let b0_0 = b0_0_1;
let b0_1n = min(column + 1u, 76u);
let b0_1_0 = b0_1n + k * 77u;
let b0_1_1 = vec4<f32>(x1[b0_1_0], x1[b0_1_0 + 1u * 77u], x1[b0_1_0 + 2u * 77u], x1[b0_1_0 + 3u * 77u]);
let b0_1 = b0_1_1;
let b0_2n = min(column + 2u, 76u);
let b0_2_0 = b0_2n + k * 77u;
let b0_2_1 = vec4<f32>(x1[b0_2_0], x1[b0_2_0 + 1u * 77u], x1[b0_2_0 + 2u * 77u], x1[b0_2_0 + 3u * 77u]);
let b0_2 = b0_2_1;
let b0_3n = min(column + 3u, 76u);
let b0_3_0 = b0_3n + k * 77u;
let b0_3_1 = vec4<f32>(x1[b0_3_0], x1[b0_3_0 + 1u * 77u], x1[b0_3_0 + 2u * 77u], x1[b0_3_0 + 3u * 77u]);
let b0_3 = b0_3_1;
a0 = fma(vec4f(tile[0].x), vec4f(b0_0.x, b0_1.x, b0_2.x, b0_3.x), a0);
a1 = fma(vec4f(tile[1].x), vec4f(b0_0.x, b0_1.x, b0_2.x, b0_3.x), a1);
a2 = fma(vec4f(tile[2].x), vec4f(b0_0.x, b0_1.x, b0_2.x, b0_3.x), a2);
a3 = fma(vec4f(tile[3].x), vec4f(b0_0.x, b0_1.x, b0_2.x, b0_3.x), a3);
a0 = fma(vec4f(tile[0].y), vec4f(b0_0.y, b0_1.y, b0_2.y, b0_3.y), a0);
a1 = fma(vec4f(tile[1].y), vec4f(b0_0.y, b0_1.y, b0_2.y, b0_3.y), a1);
a2 = fma(vec4f(tile[2].y), vec4f(b0_0.y, b0_1.y, b0_2.y, b0_3.y), a2);
a3 = fma(vec4f(tile[3].y), vec4f(b0_0.y, b0_1.y, b0_2.y, b0_3.y), a3);
a0 = fma(vec4f(tile[0].z), vec4f(b0_0.z, b0_1.z, b0_2.z, b0_3.z), a0);
a1 = fma(vec4f(tile[1].z), vec4f(b0_0.z, b0_1.z, b0_2.z, b0_3.z), a1);
a2 = fma(vec4f(tile[2].z), vec4f(b0_0.z, b0_1.z, b0_2.z, b0_3.z), a2);
a3 = fma(vec4f(tile[3].z), vec4f(b0_0.z, b0_1.z, b0_2.z, b0_3.z), a3);
a0 = fma(vec4f(tile[0].w), vec4f(b0_0.w, b0_1.w, b0_2.w, b0_3.w), a0);
a1 = fma(vec4f(tile[1].w), vec4f(b0_0.w, b0_1.w, b0_2.w, b0_3.w), a1);
a2 = fma(vec4f(tile[2].w), vec4f(b0_0.w, b0_1.w, b0_2.w, b0_3.w), a2);
a3 = fma(vec4f(tile[3].w), vec4f(b0_0.w, b0_1.w, b0_2.w, b0_3.w), a3);
}
if (row >= 33u) { return; }
var all: array<vec4f, 4>;
all[0] = a0;
all[1] = a1;
all[2] = a2;
all[3] = a3;
let rows = min(4u + (bound >> 31u), 33u - row);
for (var i = 0u; i < rows; i++) {
let i0 = row + i;
{
let first = column;
let four = all[i * 1u + 0u];
let stop = min(first + 4u, 77u);
for (var i1 = first; i1 < stop; i1++) {
let one = four[i1 - first];
y[i0 * 77u + i1] = one;
}
}
}
}
