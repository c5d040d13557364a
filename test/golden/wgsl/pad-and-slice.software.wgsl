// slice, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 1u) * 128u + lane;
if (item >= 55u) { return; }
let i1 = (item) % 11u;
let i1_rest = (item) / 11u;
let i0 = (i1_rest);
let v0 = i1 + 1u;
let v1 = i0 * 2u + 4294967295u;
let v2 = x0[v0 + v1 * 9u];
let v3 = select(0.0f, v2, (i0 * 2u + 4294967295u) < 6u && (i1 + 1u) < 9u);
y[item] = v3;
}
