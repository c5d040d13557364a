export { readCsv, type Csv, type CsvOptions } from "./csv";
export { digits, type Digits } from "./digits";
export type { FileSource } from "./files";
export { imageFolder, type ImageFolder, type ImageFolderOptions } from "./folder";
export {
  digits5000,
  fashionMnist,
  type FashionOptions,
  type LabelledImages,
  type StoredImages,
} from "./handwriting";
export { readIdx } from "./idx";
export {
  readImage,
  readImages,
  writeImage,
  type ImageSource,
  type ImageSources,
  type NamedImage,
} from "./images";
export { iris, type Iris } from "./iris";
export { Loader, loader, type LoaderOptions, type Position, type Source } from "./loader";
export { readNpy, readNpz } from "./numpy";
export { photographs, type Photographs } from "./photographs";
export { trainTestSplit, type SplitOptions } from "./split";
