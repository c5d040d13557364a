/** Every function whose first argument is a tensor is a method too. */
import * as compare from "./compare";
import * as elementwise from "./elementwise";
import * as images from "./images";
import * as indexing from "./indexing";
import * as order from "./order";
import * as product from "./product";
import * as reduce from "./reduce";
import * as shape from "./shape";
import { Tensor } from "./tensor";

const functions = {
  ...compare,
  ...elementwise,
  ...reduce,
  ...shape,
  ...product,
  ...images,
  ...order,
  ...indexing,
};
/** Their first argument is no tensor. */
const notMethods = ["where", "einsum", "concatenate", "stack"] as const;

type All = typeof compare &
  typeof elementwise &
  typeof reduce &
  typeof shape &
  typeof product &
  typeof images &
  typeof order &
  typeof indexing;
type Functions = Omit<All, (typeof notMethods)[number]>;
type Method<F> = F extends (x: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;
/** The functions as methods; a mapped type, so that they keep their documentation. */
export type TensorMethods = { [Name in keyof Functions]: Method<Functions[Name]> };

declare module "./tensor" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges the methods into the class
  interface Tensor extends TensorMethods {}
}

const names = Object.keys(functions).filter((name) => !(notMethods as readonly string[]).includes(name));
for (const name of names) {
  const fn = functions[name as keyof typeof functions];
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): unknown {
      return (fn as unknown as (...args: unknown[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
