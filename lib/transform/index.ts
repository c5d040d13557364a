export { checkpoint } from "./checkpoint";
export { customVjp, type Cotangents } from "./custom";
export { grad, valueAndGrad, type GradOptions } from "./grad";
export { hessian, hvp, jacfwd, jacrev, type Jacobian, type JacobianOptions } from "./jacobian";
export { jit, type JitOptions } from "./jit";
export { jvp, linearize, vjp, type Pulled } from "./jvp";
export { scan, type ScanOptions } from "./scan";
export { stopGradient } from "./stop";
export { vmap, type AxisTree, type VmapOptions } from "./vmap";
