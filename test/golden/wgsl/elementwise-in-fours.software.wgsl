// sqrt, 32 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> x1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> scalars: array<vec4u, 1>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 32u) * 128u + lane;
if (item >= 4096u) { return; }
let i1 = (item) % 64u * 4u;
let i1_rest = (item) / 64u;
let i0 = (i1_rest);
let v0 = x0[(i0 * 256u + i1) / 4u];
let v1 = vec4<f32>(bitcast<f32>(scalars[0u][0u]));
let v2 = (v0 * v1);
let v3 = x1[(i1) / 4u];
let v4 = (v2 + v3);
let v5 = abs(v4);
let v6 = sqrt(v5);
y[item] = v6;
}
