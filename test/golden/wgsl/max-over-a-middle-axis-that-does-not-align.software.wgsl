// max, 9 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
var<private> infinity_bits: u32 = 0x7f800000u;
fn saddle_maximum_4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
let t0 = max(a, b);
let t1 = ((bitcast<vec4<u32>>(a) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u));
let t2 = ((bitcast<vec4<u32>>(b) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u));
let t3 = (t1 | t2);
let t4 = (a + b);
let t5 = select(t0, t4, t3);
return t5;
}
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 9u) * 512u;
let team = invocation;
let member = 0u;
let rows = first + team / 8u * 32u + team % 8u + vec4u(0u, 8u, 16u, 24u);
let live = rows < vec4u(4192u);
let item = min(rows, vec4u(4191u));
let i1 = (item) % 131u;
let i1_rest = (item) / 131u;
let i0 = (i1_rest);
let bound = scalars[0u][0u];
let o0 = i0 * 131000u + i1;
var sum0 = vec4<f32>(-bitcast<f32>(infinity_bits));
for (var start = member; start < bound; start += 64u) {
var part = vec4<f32>(-bitcast<f32>(infinity_bits));
var largest_bits = vec4<u32>(0u);
for (var r = start; r < min(start + 64u, bound); r += 4u) {
var term_a: vec4<f32>;
{
let i2 = ((r + 0u));
let s0_0 = vec4u(o0 + i2 * 131u);
let s0_1 = vec4<f32>(x0[s0_0.x], x0[s0_0.y], x0[s0_0.z], x0[s0_0.w]);
term_a = s0_1;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_a) & vec4<u32>(0x7fffffffu)));
var term_b: vec4<f32>;
{
let i2 = ((r + 1u));
let s0_0 = vec4u(o0 + i2 * 131u);
let s0_1 = vec4<f32>(x0[s0_0.x], x0[s0_0.y], x0[s0_0.z], x0[s0_0.w]);
term_b = s0_1;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_b) & vec4<u32>(0x7fffffffu)));
var term_c: vec4<f32>;
{
let i2 = ((r + 2u));
let s0_0 = vec4u(o0 + i2 * 131u);
let s0_1 = vec4<f32>(x0[s0_0.x], x0[s0_0.y], x0[s0_0.z], x0[s0_0.w]);
term_c = s0_1;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_c) & vec4<u32>(0x7fffffffu)));
var term_d: vec4<f32>;
{
let i2 = ((r + 3u));
let s0_0 = vec4u(o0 + i2 * 131u);
let s0_1 = vec4<f32>(x0[s0_0.x], x0[s0_0.y], x0[s0_0.z], x0[s0_0.w]);
term_d = s0_1;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_d) & vec4<u32>(0x7fffffffu)));
let term_ab = max(term_a, term_b);
let term_cd = max(term_c, term_d);
let term_abcd = max(term_ab, term_cd);
part = max(part, term_abcd);
}
sum0 = saddle_maximum_4(sum0, select(part, bitcast<vec4<f32>>(largest_bits), largest_bits > vec4<u32>(0x7f800000u)));
}
let own0 = sum0;
let total0 = own0;
if (member == 0u) {
let value = total0;
if (live.x) { y[item.x] = value.x; }
if (live.y) { y[item.y] = value.y; }
if (live.z) { y[item.z] = value.z; }
if (live.w) { y[item.w] = value.w; }
}
}
