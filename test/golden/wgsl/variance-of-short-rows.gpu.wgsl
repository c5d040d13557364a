// mul, 4 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 4u) * 128u;
let team = invocation;
let member = 0u;
let live = first + team < 512u;
let item = min(first + team, 511u);
let i0 = (item);
let bound = scalars[0u][2u] / 1u;
let o0 = i0 * 10u;
var sum0 = f32(0.0f);
{
var part = f32(0.0f);
for (var r = member; r < bound; r += 1u) {
let i1 = (r);
let s0_0 = x0[o0 + i1];
let term = s0_0;
part = (part + term);
}
sum0 = (sum0 + part);
}
let own0 = sum0;
let total0 = own0;
var sum1 = f32(0.0f);
{
var part = f32(0.0f);
for (var r = member; r < bound; r += 1u) {
let i1 = (r);
let s1_0 = x0[o0 + i1];
let s1_1 = bitcast<f32>(scalars[0u][0u]);
let s1_2 = (total0 * s1_1);
let s1_3 = (s1_0 - s1_2);
let s1_4 = (s1_3 * s1_3);
let term = s1_4;
part = (part + term);
}
sum1 = (sum1 + part);
}
let own1 = sum1;
let total1 = own1;
if (live && member == 0u) {
let e0 = bitcast<f32>(scalars[0u][1u]);
let e1 = (total1 * e0);
y[item] = e1;
}
}
