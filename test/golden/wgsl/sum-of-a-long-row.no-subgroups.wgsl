// sum, 64 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
var<workgroup> parts_f32: array<f32, 128>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 64u) * 4u;
let team = invocation / 32u;
let member = invocation % 32u;
let live = first + team < 256u;
let item = min(first + team, 255u);
let i0 = (item);
let bound = scalars[0u][0u] / 4u;
let o0 = i0 * 4096u;
var sum0 = vec4<f32>(0.0f);
{
var part = vec4<f32>(0.0f);
for (var r = member; r < bound; r += 128u) {
var term_a: vec4<f32>;
{
let i1 = ((r + 0u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_a = s0_0;
}
var term_b: vec4<f32>;
{
let i1 = ((r + 32u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_b = s0_0;
}
var term_c: vec4<f32>;
{
let i1 = ((r + 64u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_c = s0_0;
}
var term_d: vec4<f32>;
{
let i1 = ((r + 96u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_d = s0_0;
}
let term_ab = (term_a + term_b);
let term_cd = (term_c + term_d);
let term_abcd = (term_ab + term_cd);
part = (part + term_abcd);
}
sum0 = (sum0 + part);
}
let own0 = ((sum0.x + sum0.y) + (sum0.z + sum0.w));
parts_f32[invocation] = own0;
workgroupBarrier();
var all0 = parts_f32[team * 32u];
for (var p = 1u; p < min(32u, bound); p++) { all0 = (all0 + parts_f32[team * 32u + p * 1u]); }
let total0 = all0;
if (live && member == 0u) {
y[item] = total0;
}
}

// sum, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
var<workgroup> parts_f32: array<f32, 128>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 1u) * 4u;
let team = invocation / 32u;
let member = invocation % 32u;
let live = first + team < 1u;
let item = min(first + team, 0u);
let bound = scalars[0u][0u] / 4u;
var sum0 = vec4<f32>(0.0f);
{
var part = vec4<f32>(0.0f);
for (var r = member; r < bound; r += 32u) {
let i0 = (r) * 4u;
let s0_0 = x0[(i0) / 4u];
let term = s0_0;
part = (part + term);
}
sum0 = (sum0 + part);
}
let own0 = ((sum0.x + sum0.y) + (sum0.z + sum0.w));
parts_f32[invocation] = own0;
workgroupBarrier();
var all0 = parts_f32[team * 32u];
for (var p = 1u; p < min(32u, bound); p++) { all0 = (all0 + parts_f32[team * 32u + p * 1u]); }
let total0 = all0;
if (live && member == 0u) {
y[item] = total0;
}
}
