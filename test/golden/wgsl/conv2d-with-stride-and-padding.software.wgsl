// reshape, 8 x 2 x 2 workgroups
enable subgroups;
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> scalars: array<vec4u, 1>;
@compute @workgroup_size(8, 1)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {
let lane = l.x;
let row = (w.y * 1u + l.y) * 4u;
let column = w.x * 32u + lane * 4u;
let i1 = (w.z) % 1u;
let i1_rest = (w.z) / 1u;
let i0 = (i1_rest);
var a0 = vec4f();
var a1 = vec4f();
var a2 = vec4f();
var a3 = vec4f();
let bound = scalars[0u][0u];
for (var k = 0u; k < bound; k += 4u) {
let t0 = lane % 4u;
let m0 = min(row + t0 % 1u * 4u, 4u);
let k0 = min(k + t0 / 1u, 74u);
let l0_0 = m0 * 75u + k0;
let l0_1 = vec4<f32>(x0[l0_0], x0[l0_0 + 1u * 75u], x0[l0_0 + 2u * 75u], x0[l0_0 + 3u * 75u]);
let l0 = select(vec4f(), l0_1, k + t0 / 1u < bound);
let r0_0n = min(column, 252u);
let r0_0k = min(k + 0u, 74u);
let r0_0_0 = (r0_0k) / 5u;
let r0_0_1 = (r0_0_0) / 5u;
let r0_0_2 = (r0_0n) / 16u;
let r0_0_3 = (r0_0_0) % 5u;
let r0_0_4 = r0_0_2 * 2u + r0_0_3 + 4294967294u;
let r0_0_5 = (r0_0n) % 16u;
let r0_0_6 = (r0_0k) % 5u;
let r0_0_7 = r0_0_5 * 2u + r0_0_6 + 4294967294u;
let r0_0_8 = r0_0_1 * 1024u + i0 * 3072u + r0_0_4 * 32u + r0_0_7;
let r0_0_9 = vec4<f32>(x1[r0_0_8], x1[r0_0_8 + 1u * 2u], x1[r0_0_8 + 2u * 2u], x1[r0_0_8 + 3u * 2u]);
let r0_0_10 = select(vec4<f32>(0.0f), r0_0_9, (r0_0_2 * 2u + r0_0_3 + 4294967294u) < 32u);
let r0_0_11 = select(vec4<f32>(0.0f), r0_0_10, ((vec4u(r0_0_5 * 2u + r0_0_6 + 4294967294u) + vec4u(0u, 2u, 4u, 6u)) < vec4u(32u)));
let r0_0 = select(vec4f(), r0_0_11, k + 0u < bound);
a0 = fma(vec4f(subgroupBroadcast(l0.x, 0u)), r0_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.y, 0u)), r0_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.z, 0u)), r0_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.w, 0u)), r0_0, a3);
let r1_0n = min(column, 252u);
let r1_0k = min(k + 1u, 74u);
let r1_0_0 = (r1_0k) / 5u;
let r1_0_1 = (r1_0_0) / 5u;
let r1_0_2 = (r1_0n) / 16u;
let r1_0_3 = (r1_0_0) % 5u;
let r1_0_4 = r1_0_2 * 2u + r1_0_3 + 4294967294u;
let r1_0_5 = (r1_0n) % 16u;
let r1_0_6 = (r1_0k) % 5u;
let r1_0_7 = r1_0_5 * 2u + r1_0_6 + 4294967294u;
let r1_0_8 = r1_0_1 * 1024u + i0 * 3072u + r1_0_4 * 32u + r1_0_7;
let r1_0_9 = vec4<f32>(x1[r1_0_8], x1[r1_0_8 + 1u * 2u], x1[r1_0_8 + 2u * 2u], x1[r1_0_8 + 3u * 2u]);
let r1_0_10 = select(vec4<f32>(0.0f), r1_0_9, (r1_0_2 * 2u + r1_0_3 + 4294967294u) < 32u);
let r1_0_11 = select(vec4<f32>(0.0f), r1_0_10, ((vec4u(r1_0_5 * 2u + r1_0_6 + 4294967294u) + vec4u(0u, 2u, 4u, 6u)) < vec4u(32u)));
let r1_0 = select(vec4f(), r1_0_11, k + 1u < bound);
a0 = fma(vec4f(subgroupBroadcast(l0.x, 1u)), r1_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.y, 1u)), r1_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.z, 1u)), r1_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.w, 1u)), r1_0, a3);
let r2_0n = min(column, 252u);
let r2_0k = min(k + 2u, 74u);
let r2_0_0 = (r2_0k) / 5u;
let r2_0_1 = (r2_0_0) / 5u;
let r2_0_2 = (r2_0n) / 16u;
let r2_0_3 = (r2_0_0) % 5u;
let r2_0_4 = r2_0_2 * 2u + r2_0_3 + 4294967294u;
let r2_0_5 = (r2_0n) % 16u;
let r2_0_6 = (r2_0k) % 5u;
let r2_0_7 = r2_0_5 * 2u + r2_0_6 + 4294967294u;
let r2_0_8 = r2_0_1 * 1024u + i0 * 3072u + r2_0_4 * 32u + r2_0_7;
let r2_0_9 = vec4<f32>(x1[r2_0_8], x1[r2_0_8 + 1u * 2u], x1[r2_0_8 + 2u * 2u], x1[r2_0_8 + 3u * 2u]);
let r2_0_10 = select(vec4<f32>(0.0f), r2_0_9, (r2_0_2 * 2u + r2_0_3 + 4294967294u) < 32u);
let r2_0_11 = select(vec4<f32>(0.0f), r2_0_10, ((vec4u(r2_0_5 * 2u + r2_0_6 + 4294967294u) + vec4u(0u, 2u, 4u, 6u)) < vec4u(32u)));
let r2_0 = select(vec4f(), r2_0_11, k + 2u < bound);
a0 = fma(vec4f(subgroupBroadcast(l0.x, 2u)), r2_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.y, 2u)), r2_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.z, 2u)), r2_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.w, 2u)), r2_0, a3);
let r3_0n = min(column, 252u);
let r3_0k = min(k + 3u, 74u);
let r3_0_0 = (r3_0k) / 5u;
let r3_0_1 = (r3_0_0) / 5u;
let r3_0_2 = (r3_0n) / 16u;
let r3_0_3 = (r3_0_0) % 5u;
let r3_0_4 = r3_0_2 * 2u + r3_0_3 + 4294967294u;
let r3_0_5 = (r3_0n) % 16u;
let r3_0_6 = (r3_0k) % 5u;
let r3_0_7 = r3_0_5 * 2u + r3_0_6 + 4294967294u;
let r3_0_8 = r3_0_1 * 1024u + i0 * 3072u + r3_0_4 * 32u + r3_0_7;
let r3_0_9 = vec4<f32>(x1[r3_0_8], x1[r3_0_8 + 1u * 2u], x1[r3_0_8 + 2u * 2u], x1[r3_0_8 + 3u * 2u]);
let r3_0_10 = select(vec4<f32>(0.0f), r3_0_9, (r3_0_2 * 2u + r3_0_3 + 4294967294u) < 32u);
let r3_0_11 = select(vec4<f32>(0.0f), r3_0_10, ((vec4u(r3_0_5 * 2u + r3_0_6 + 4294967294u) + vec4u(0u, 2u, 4u, 6u)) < vec4u(32u)));
let r3_0 = select(vec4f(), r3_0_11, k + 3u < bound);
a0 = fma(vec4f(subgroupBroadcast(l0.x, 3u)), r3_0, a0);
a1 = fma(vec4f(subgroupBroadcast(l0.y, 3u)), r3_0, a1);
a2 = fma(vec4f(subgroupBroadcast(l0.z, 3u)), r3_0, a2);
a3 = fma(vec4f(subgroupBroadcast(l0.w, 3u)), r3_0, a3);
}
if (row >= 8u) { return; }
var all: array<vec4f, 4>;
all[0] = a0;
all[1] = a1;
all[2] = a2;
all[3] = a3;
let rows = min(4u + (bound >> 31u), 8u - row);
for (var i = 0u; i < rows; i++) {
let i2 = row + i;
{
let first = column;
let four = all[i * 1u + 0u];
let i3 = first;
if (first < 256u) {
y[(i0 * 2048u + i2 * 256u + i3) / 4u] = four;
}
}
}
}
