// exp, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn saddle_scaled(p: f32, k: i32) -> f32 {
  let half = k >> u32(1u);
  let bias = i32(127);
  return p * bitcast<f32>((half + bias) << u32(23u)) * bitcast<f32>((k - half + bias) << u32(23u));
}

fn saddle_scaled4(p: vec4f, k: vec4i) -> vec4f {
  let half = k >> vec4u(1u);
  let bias = vec4i(127);
  return p * bitcast<vec4f>((half + bias) << vec4u(23u)) * bitcast<vec4f>((k - half + bias) << vec4u(23u));
}

fn saddle_exp(x: f32) -> f32 {
  let n = clamp(round(x * f32(1.44269504f)), f32(-151.0f), f32(129.0f));
  let t = (x - n * f32(0.693359375f)) - n * f32(-2.12194440e-4f);
  let p = (((((((0.000198756915f) * t + 0.0013981999507f) * t + 0.0083334519073f) * t + 0.041665795894f) * t + 0.16666665459f) * t + 0.5f) * t * t + t) + f32(1.0f);
  return select(saddle_scaled(p, i32(n)), f32(0.0f), x < f32(-104.0f));
}

fn saddle_exp4(x: vec4f) -> vec4f {
  let n = clamp(round(x * vec4f(1.44269504f)), vec4f(-151.0f), vec4f(129.0f));
  let t = (x - n * vec4f(0.693359375f)) - n * vec4f(-2.12194440e-4f);
  let p = (((((((vec4f(0.000198756915f)) * t + vec4f(0.0013981999507f)) * t + vec4f(0.0083334519073f)) * t + vec4f(0.041665795894f)) * t + vec4f(0.16666665459f)) * t + vec4f(0.5f)) * t * t + t) + vec4f(1.0f);
  return select(saddle_scaled4(p, vec4i(n)), vec4f(0.0f), x < vec4f(-104.0f));
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
