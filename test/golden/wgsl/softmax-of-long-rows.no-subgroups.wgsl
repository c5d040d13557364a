// div, 128 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
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
fn saddle_maximum(a: f32, b: f32) -> f32 {
let t0 = max(a, b);
let t1 = ((bitcast<u32>(a) & u32(0x7fffffffu)) > u32(0x7f800000u));
let t2 = ((bitcast<u32>(b) & u32(0x7fffffffu)) > u32(0x7f800000u));
let t3 = (t1 | t2);
let t4 = (a + b);
let t5 = select(t0, t4, t3);
return t5;
}
fn saddle_exp_4(a: vec4<f32>) -> vec4<f32> {
let t0 = (a * vec4<f32>(1.442695f));
let t1 = round(t0);
let t2 = max(t1, vec4<f32>(-126.0f));
let t3 = min(t2, vec4<f32>(127.0f));
let t4 = (t3 * vec4<f32>(0.6933594f));
let t5 = (a - t4);
let t6 = (t3 * vec4<f32>(-0.00021219444f));
let t7 = (t5 - t6);
let t8 = (vec4<f32>(0.00022754342f) * t7);
let t9 = (t8 + vec4<f32>(0.0013868994f));
let t10 = (t9 * t7);
let t11 = (t10 + vec4<f32>(0.008328427f));
let t12 = (t11 * t7);
let t13 = (t12 + vec4<f32>(0.04166723f));
let t14 = (t13 * t7);
let t15 = (t14 + vec4<f32>(0.16666685f));
let t16 = (t15 * t7);
let t17 = (t16 + vec4<f32>(0.5f));
let t18 = (t17 * t7);
let t19 = (t18 * t7);
let t20 = (t19 + t7);
let t21 = (t20 + vec4<f32>(1.0f));
let t22 = bitcast<vec4<f32>>((bitcast<vec4<u32>>(t3 + vec4<f32>(12582912.0f)) << vec4<u32>(23u)) + vec4<u32>(0x3f800000u));
let t23 = (t21 * t22);
let t24 = (a < vec4<f32>(-87.33655f));
let t25 = select(t23, vec4<f32>(0.0f), t24);
return t25;
}
var<workgroup> parts_f32: array<f32, 128>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 128u) * 4u;
let team = invocation / 32u;
let member = invocation % 32u;
let live = first + team < 512u;
let item = min(first + team, 511u);
let i0 = (item);
let bound = scalars[0u][0u] / 4u;
let o0 = i0 * 1024u;
var sum0 = vec4<f32>(-bitcast<f32>(infinity_bits));
{
var part = vec4<f32>(-bitcast<f32>(infinity_bits));
var largest_bits = vec4<u32>(0u);
for (var r = member; r < bound; r += 32u) {
let i1 = (r) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
let term = s0_0;
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term) & vec4<u32>(0x7fffffffu)));
part = max(part, term);
}
sum0 = saddle_maximum_4(sum0, select(part, bitcast<vec4<f32>>(largest_bits), largest_bits > vec4<u32>(0x7f800000u)));
}
let own0 = saddle_maximum(saddle_maximum(sum0.x, sum0.y), saddle_maximum(sum0.z, sum0.w));
parts_f32[invocation] = own0;
workgroupBarrier();
var all0 = parts_f32[team * 32u];
for (var p = 1u; p < min(32u, bound); p++) { all0 = saddle_maximum(all0, parts_f32[team * 32u + p * 1u]); }
let total0 = all0;
workgroupBarrier();
var sum1 = vec4<f32>(0.0f);
{
var part = vec4<f32>(0.0f);
for (var r = member; r < bound; r += 32u) {
let i1 = (r) * 4u;
let s1_0 = x0[(o0 + i1) / 4u];
let s1_1 = (s1_0 - vec4<f32>(total0));
let s1_2 = saddle_exp_4(s1_1);
let term = s1_2;
part = (part + term);
}
sum1 = (sum1 + part);
}
let own1 = ((sum1.x + sum1.y) + (sum1.z + sum1.w));
parts_f32[invocation] = own1;
workgroupBarrier();
var all1 = parts_f32[team * 32u];
for (var p = 1u; p < min(32u, bound); p++) { all1 = (all1 + parts_f32[team * 32u + p * 1u]); }
let total1 = all1;
if (!live) { return; }
for (var r = member; r < bound; r += 32u) {
let i1 = (r) * 4u;
let e0 = x0[(i0 * 1024u + i1) / 4u];
let e1 = (e0 - vec4<f32>(total0));
let e2 = saddle_exp_4(e1);
let e3 = (e2 / vec4<f32>(total1));
y[(i0 * 1024u + i1) / 4u] = e3;
}
}
