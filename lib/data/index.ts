export { digits, type Digits } from "./digits";
export { iris, type Iris } from "./iris";
export { trainTestSplit, type SplitOptions } from "./split";
