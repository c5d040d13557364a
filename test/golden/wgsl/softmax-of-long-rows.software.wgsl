// div, 32 x 1 x 1 workgroups
enable subgroups;
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
var<private> infinity_bits: u32 = 0x7f800000u;

fn saddle_exp(x: f32) -> f32 {
  let n = clamp(round(x * f32(1.44269504f)), f32(-126.0f), f32(127.0f));
  let t = (x - n * f32(0.693359375f)) - n * f32(-2.12194440e-4f);
  let y = ((((((((0.00022754342f) * t + 0.0013868994f) * t + 0.008328427f) * t + 0.04166723f) * t + 0.16666685f) * t + 0.5f) * t * t + t) + f32(1.0f)) * bitcast<f32>((bitcast<u32>(n + f32(12582912.0f)) << u32(23u)) + u32(0x3f800000u));
  return select(y, f32(0.0f), x < f32(-87.336545f));
}

fn saddle_exp4(x: vec4f) -> vec4f {
  let n = clamp(round(x * vec4f(1.44269504f)), vec4f(-126.0f), vec4f(127.0f));
  let t = (x - n * vec4f(0.693359375f)) - n * vec4f(-2.12194440e-4f);
  let y = ((((((((vec4f(0.00022754342f)) * t + vec4f(0.0013868994f)) * t + vec4f(0.008328427f)) * t + vec4f(0.04166723f)) * t + vec4f(0.16666685f)) * t + vec4f(0.5f)) * t * t + t) + vec4f(1.0f)) * bitcast<vec4f>((bitcast<vec4u>(n + vec4f(12582912.0f)) << vec4u(23u)) + vec4u(0x3f800000u));
  return select(y, vec4f(0.0f), x < vec4f(-87.336545f));
}
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {
let first = (w.x + w.y * 32u) * 16u;
let team = invocation / 8u;
let member = invocation % 8u;
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
var term_a: vec4<f32>;
{
let i1 = ((r + 0u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_a = s0_0;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_a) & vec4<u32>(0x7fffffffu)));
var term_b: vec4<f32>;
{
let i1 = ((r + 8u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_b = s0_0;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_b) & vec4<u32>(0x7fffffffu)));
var term_c: vec4<f32>;
{
let i1 = ((r + 16u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_c = s0_0;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_c) & vec4<u32>(0x7fffffffu)));
var term_d: vec4<f32>;
{
let i1 = ((r + 24u)) * 4u;
let s0_0 = x0[(o0 + i1) / 4u];
term_d = s0_0;
}
largest_bits = max(largest_bits, (bitcast<vec4<u32>>(term_d) & vec4<u32>(0x7fffffffu)));
let term_ab = max(term_a, term_b);
let term_cd = max(term_c, term_d);
let term_abcd = max(term_ab, term_cd);
part = max(part, term_abcd);
}
sum0 = select(max(sum0, select(part, bitcast<vec4<f32>>(largest_bits), largest_bits > vec4<u32>(0x7f800000u))), sum0 + select(part, bitcast<vec4<f32>>(largest_bits), largest_bits > vec4<u32>(0x7f800000u)), ((bitcast<vec4<u32>>(sum0) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u)) | ((bitcast<vec4<u32>>(select(part, bitcast<vec4<f32>>(largest_bits), largest_bits > vec4<u32>(0x7f800000u))) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u)));
}
let own0 = select(max(select(max(sum0.x, sum0.y), sum0.x + sum0.y, ((bitcast<u32>(sum0.x) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.y) & u32(0x7fffffffu)) > u32(0x7f800000u))), select(max(sum0.z, sum0.w), sum0.z + sum0.w, ((bitcast<u32>(sum0.z) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.w) & u32(0x7fffffffu)) > u32(0x7f800000u)))), select(max(sum0.x, sum0.y), sum0.x + sum0.y, ((bitcast<u32>(sum0.x) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.y) & u32(0x7fffffffu)) > u32(0x7f800000u))) + select(max(sum0.z, sum0.w), sum0.z + sum0.w, ((bitcast<u32>(sum0.z) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.w) & u32(0x7fffffffu)) > u32(0x7f800000u))), ((bitcast<u32>(select(max(sum0.x, sum0.y), sum0.x + sum0.y, ((bitcast<u32>(sum0.x) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.y) & u32(0x7fffffffu)) > u32(0x7f800000u)))) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(select(max(sum0.z, sum0.w), sum0.z + sum0.w, ((bitcast<u32>(sum0.z) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(sum0.w) & u32(0x7fffffffu)) > u32(0x7f800000u)))) & u32(0x7fffffffu)) > u32(0x7f800000u)));
let joined0_1 = select(max(own0, subgroupShuffleXor(own0, 1u)), own0 + subgroupShuffleXor(own0, 1u), ((bitcast<u32>(own0) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(subgroupShuffleXor(own0, 1u)) & u32(0x7fffffffu)) > u32(0x7f800000u)));
let joined0_2 = select(max(joined0_1, subgroupShuffleXor(joined0_1, 2u)), joined0_1 + subgroupShuffleXor(joined0_1, 2u), ((bitcast<u32>(joined0_1) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(subgroupShuffleXor(joined0_1, 2u)) & u32(0x7fffffffu)) > u32(0x7f800000u)));
let joined0 = select(max(joined0_2, subgroupShuffleXor(joined0_2, 4u)), joined0_2 + subgroupShuffleXor(joined0_2, 4u), ((bitcast<u32>(joined0_2) & u32(0x7fffffffu)) > u32(0x7f800000u)) | ((bitcast<u32>(subgroupShuffleXor(joined0_2, 4u)) & u32(0x7fffffffu)) > u32(0x7f800000u)));
let total0 = joined0;
var sum1 = vec4<f32>(0.0f);
{
var part = vec4<f32>(0.0f);
for (var r = member; r < bound; r += 32u) {
var term_a: vec4<f32>;
{
let i1 = ((r + 0u)) * 4u;
let s1_0 = x0[(o0 + i1) / 4u];
let s1_1 = (s1_0 - vec4<f32>(total0));
let s1_2 = saddle_exp4(s1_1);
term_a = s1_2;
}
var term_b: vec4<f32>;
{
let i1 = ((r + 8u)) * 4u;
let s1_0 = x0[(o0 + i1) / 4u];
let s1_1 = (s1_0 - vec4<f32>(total0));
let s1_2 = saddle_exp4(s1_1);
term_b = s1_2;
}
var term_c: vec4<f32>;
{
let i1 = ((r + 16u)) * 4u;
let s1_0 = x0[(o0 + i1) / 4u];
let s1_1 = (s1_0 - vec4<f32>(total0));
let s1_2 = saddle_exp4(s1_1);
term_c = s1_2;
}
var term_d: vec4<f32>;
{
let i1 = ((r + 24u)) * 4u;
let s1_0 = x0[(o0 + i1) / 4u];
let s1_1 = (s1_0 - vec4<f32>(total0));
let s1_2 = saddle_exp4(s1_1);
term_d = s1_2;
}
let term_ab = term_a + term_b;
let term_cd = term_c + term_d;
let term_abcd = term_ab + term_cd;
part = part + term_abcd;
}
sum1 = sum1 + part;
}
let own1 = sum1.x + sum1.y + sum1.z + sum1.w;
let joined1 = subgroupAdd(own1);
let total1 = joined1;
if (!live) { return; }
for (var r = member; r < bound; r += 8u) {
let i1 = (r) * 4u;
let e0 = x0[(i0 * 1024u + i1) / 4u];
let e1 = (e0 - vec4<f32>(total0));
let e2 = saddle_exp4(e1);
let e3 = (e2 / vec4<f32>(total1));
y[(i0 * 1024u + i1) / 4u] = e3;
}
}
