// exp, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
fn saddle_exp(a: f32) -> f32 {
let t0 = (a * 1.442695f);
let t1 = round(t0);
let t2 = max(t1, -126.0f);
let t3 = min(t2, 127.0f);
let t4 = (t3 * 0.6933594f);
let t5 = (a - t4);
let t6 = (t3 * -0.00021219444f);
let t7 = (t5 - t6);
let t8 = (0.00022754342f * t7);
let t9 = (t8 + 0.0013868994f);
let t10 = (t9 * t7);
let t11 = (t10 + 0.008328427f);
let t12 = (t11 * t7);
let t13 = (t12 + 0.04166723f);
let t14 = (t13 * t7);
let t15 = (t14 + 0.16666685f);
let t16 = (t15 * t7);
let t17 = (t16 + 0.5f);
let t18 = (t17 * t7);
let t19 = (t18 * t7);
let t20 = (t19 + t7);
let t21 = (t20 + 1.0f);
let t22 = bitcast<f32>((bitcast<u32>(t3 + f32(12582912.0f)) << u32(23u)) + u32(0x3f800000u));
let t23 = (t21 * t22);
let t24 = (a < -87.33655f);
let t25 = select(t23, 0.0f, t24);
return t25;
}
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 1u) * 128u + lane;
if (item >= 35u) { return; }
let i1 = (item) % 7u;
let i1_rest = (item) / 7u;
let i0 = (i1_rest);
let v0 = x0[i0 + i1 * 5u];
let v1 = saddle_exp(v0);
y[item] = v1;
}
