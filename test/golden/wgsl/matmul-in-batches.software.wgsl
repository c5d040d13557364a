// matmul, 2 x 8 x 8 workgroups
enable subgroups;
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> x1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> scalars: array<vec4u, 1>;
@compute @workgroup_size(8, 1)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {
let lane = l.x;
let row = (w.y * 1u + l.y) * 8u;
let column = w.x * 32u + lane * 4u;
let i0 = (w.z);
var a0 = vec4f();
var a1 = vec4f();
var a2 = vec4f();
var a3 = vec4f();
var a4 = vec4f();
var a5 = vec4f();
var a6 = vec4f();
var a7 = vec4f();
let bound = scalars[0u][0u];
for (var k = 0u; k < bound; k += 4u) {
let t0 = lane;
let m0 = min(row + t0, 63u);
let l0_0 = x0[(i0 * 4096u + m0 * 64u + k) / 4u];
let l0 = l0_0;
let r0_0n = min(column, 60u);
let r0_0k = k + 0u;
let r0_0_0 = x1[(i0 * 4096u + r0_0n + r0_0k * 64u) / 4u];
let r0_0 = r0_0_0;
a0 = fma(vec4f(subgroupBroadcast(l0.x, 0u)), r0_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.x, 1u)), r0_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.x, 2u)), r0_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.x, 3u)), r0_0, a3);
a4 = fma(vec4f(subgroupBroadcast(l0.x, 4u)), r0_0, a4);
a5 = fma(vec4f(subgroupBroadcast(l0.x, 5u)), r0_0, a5);
a6 = fma(vec4f(subgroupBroadcast(l0.x, 6u)), r0_0, a6);
a7 = fma(vec4f(subgroupBroadcast(l0.x, 7u)), r0_0, a7);
let r1_0n = min(column, 60u);
let r1_0k = k + 1u;
let r1_0_0 = x1[(i0 * 4096u + r1_0n + r1_0k * 64u) / 4u];
let r1_0 = r1_0_0;
a0 = fma(vec4f(subgroupBroadcast(l0.y, 0u)), r1_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.y, 1u)), r1_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.y, 2u)), r1_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.y, 3u)), r1_0, a3);
a4 = fma(vec4f(subgroupBroadcast(l0.y, 4u)), r1_0, a4);
a5 = fma(vec4f(subgroupBroadcast(l0.y, 5u)), r1_0, a5);
a6 = fma(vec4f(subgroupBroadcast(l0.y, 6u)), r1_0, a6);
a7 = fma(vec4f(subgroupBroadcast(l0.y, 7u)), r1_0, a7);
let r2_0n = min(column, 60u);
let r2_0k = k + 2u;
let r2_0_0 = x1[(i0 * 4096u + r2_0n + r2_0k * 64u) / 4u];
let r2_0 = r2_0_0;
a0 = fma(vec4f(subgroupBroadcast(l0.z, 0u)), r2_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.z, 1u)), r2_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.z, 2u)), r2_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.z, 3u)), r2_0, a3);
a4 = fma(vec4f(subgroupBroadcast(l0.z, 4u)), r2_0, a4);
a5 = fma(vec4f(subgroupBroadcast(l0.z, 5u)), r2_0, a5);
a6 = fma(vec4f(subgroupBroadcast(l0.z, 6u)), r2_0, a6);
a7 = fma(vec4f(subgroupBroadcast(l0.z, 7u)), r2_0, a7);
let r3_0n = min(column, 60u);
let r3_0k = k + 3u;
let r3_0_0 = x1[(i0 * 4096u + r3_0n + r3_0k * 64u) / 4u];
let r3_0 = r3_0_0;
a0 = fma(vec4f(subgroupBroadcast(l0.w, 0u)), r3_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.w, 1u)), r3_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.w, 2u)), r3_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.w, 3u)), r3_0, a3);
a4 = fma(vec4f(subgroupBroadcast(l0.w, 4u)), r3_0, a4);
a5 = fma(vec4f(subgroupBroadcast(l0.w, 5u)), r3_0, a5);
a6 = fma(vec4f(subgroupBroadcast(l0.w, 6u)), r3_0, a6);
a7 = fma(vec4f(subgroupBroadcast(l0.w, 7u)), r3_0, a7);
}
if (row >= 64u) { return; }
var all: array<vec4f, 8>;
all[0] = a0;
all[1] = a1;
all[2] = a2;
all[3] = a3;
all[4] = a4;
all[5] = a5;
all[6] = a6;
all[7] = a7;
let rows = min(8u + (bound >> 31u), 64u - row);
for (var i = 0u; i < rows; i++) {
let i1 = row + i;
{
let first = column;
let four = all[i * 1u + 0u];
let i2 = first;
if (first < 64u) {
y[(i0 * 4096u + i1 * 64u + i2) / 4u] = four;
}
}
}
}
