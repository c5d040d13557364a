// maximum, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<uniform> scalars: array<vec4u, 1>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 1u) * 128u + lane;
if (item >= 3u) { return; }
let i0 = (item);
let v0 = x0[i0];
let v1 = bitcast<i32>(scalars[0u][0u]);
let v2 = (v0 < v1);
let v3 = bitcast<i32>(scalars[0u][1u]);
let v4 = (v0 + v3);
let v5 = select(v0, v4, v2);
let v6 = bitcast<i32>(scalars[0u][2u]);
let v7 = min(v5, v6);
let v8 = bitcast<i32>(scalars[0u][3u]);
let v9 = max(v7, v8);
y[item] = v9;
}

// take, 1 x 1 x 1 workgroups
@group(0) @binding(0) var<storage, read> x0: array<i32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {
let item = (w.x + w.y * 1u) * 128u + lane;
if (item >= 24u) { return; }
let i1 = (item) % 8u;
let i1_rest = (item) / 8u;
let i0 = (i1_rest);
let v0 = x0[i0];
let v1 = u32(v0);
let v2 = x1[i1 + v1 * 8u];
y[item] = v2;
}
