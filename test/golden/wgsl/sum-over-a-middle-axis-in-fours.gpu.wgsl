// sum, 16 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
var<workgroup> parts_vec4f32: array<vec4<f32>, 128>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 16u) * 64u;
let team = invocation % 64u;
let member = invocation / 64u;
let live = first + team < 1024u;
let item = min(first + team, 1023u);
let i1 = (item) % 64u * 4u;
let i1_rest = (item) / 64u;
let i0 = (i1_rest);
let bound = scalars[0u][0u];
let o0 = i0 * 32768u + i1;
var sum0 = vec4<f32>(0.0f);
{
var part = vec4<f32>(0.0f);
for (var r = member; r < bound; r += 8u) {
var term_a: vec4<f32>;
{
let i2 = ((r + 0u));
let s0_0 = x0[(o0 + i2 * 256u) / 4u];
term_a = s0_0;
}
var term_b: vec4<f32>;
{
let i2 = ((r + 2u));
let s0_0 = x0[(o0 + i2 * 256u) / 4u];
term_b = s0_0;
}
var term_c: vec4<f32>;
{
let i2 = ((r + 4u));
let s0_0 = x0[(o0 + i2 * 256u) / 4u];
term_c = s0_0;
}
var term_d: vec4<f32>;
{
let i2 = ((r + 6u));
let s0_0 = x0[(o0 + i2 * 256u) / 4u];
term_d = s0_0;
}
let term_ab = (term_a + term_b);
let term_cd = (term_c + term_d);
let term_abcd = (term_ab + term_cd);
part = (part + term_abcd);
}
sum0 = (sum0 + part);
}
let own0 = sum0;
parts_vec4f32[invocation] = own0;
workgroupBarrier();
var all0 = parts_vec4f32[team];
for (var p = 1u; p < min(2u, bound); p++) { all0 = (all0 + parts_vec4f32[team + p * 64u]); }
let total0 = all0;
if (live && member == 0u) {
y[item] = total0;
}
}
