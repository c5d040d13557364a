// exp, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 1u) * 128u + lane;
if (item >= 35u) { return; }
let i1 = (item) % 7u;
let i1_rest = (item) / 7u;
let i0 = (i1_rest);
let v0 = x0[i0 + i1 * 5u];
let v1 = exp(v0);
y[item] = v1;
}
