/** Every function whose first argument is a tensor is a method too. */
import * as elementwise from "./elementwise";
import * as product from "./product";
import * as reduce from "./reduce";
import * as shape from "./shape";
import { Tensor } from "./tensor";

const { where: _where, ...elementwiseMethods } = elementwise;
const { einsum: _einsum, ...productMethods } = product;
const { concatenate: _concatenate, stack: _stack, ...shapeMethods } = shape;
const functions = { ...elementwiseMethods, ...reduce, ...shapeMethods, ...productMethods };

type Functions = typeof functions;
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;
/** The functions as methods; a mapped type, so that they keep their documentation. */
export type TensorMethods = { [Name in keyof Functions]: Method<Functions[Name]> };

declare module "./tensor" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges the methods into the class
  interface Tensor extends TensorMethods {}
}

for (const [name, fn] of Object.entries(functions)) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): unknown {
      return (fn as (...args: unknown[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
