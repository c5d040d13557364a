export { digits, type Digits } from "./digits";
export {
  readImage,
  readImages,
  writeImage,
  type ImageSource,
  type ImageSources,
  type NamedImage,
} from "./images";
export { iris, type Iris } from "./iris";
export { photographs, type Photographs } from "./photographs";
export { trainTestSplit, type SplitOptions } from "./split";
