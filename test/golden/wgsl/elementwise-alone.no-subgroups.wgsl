// exp, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

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
