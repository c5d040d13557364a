import { functional } from "../augment";
import { stack, tensor, type Tensor } from "../tensor";
import { fromAsset } from "./assets";
import { decodeImage } from "./codec";
import { tensorOf } from "./images";

const names = ["astronaut", "chelsea", "coffee", "rocket"] as const;
const side = 256;

export interface Photographs {
  /** The middle of each photograph: [4, 3, 256, 256] in [0, 1]. */
  readonly images: Tensor;
  /** The whole of each: [3, 256, W]. */
  readonly originals: readonly Tensor[];
  /** int32 [4], index into `classes`. */
  readonly labels: Tensor;
  readonly classes: readonly string[];
}

/**
 * Four photographs in colour, from scikit-image's examples, in the public domain or CC0: the astronaut Eileen Collins
 * (NASA), Chelsea the cat (Stéfan van der Walt), a cup of coffee (Rachel Michetti), a rocket (SpaceX).
 */
export function photographs(): Photographs {
  const originals = names.map(readPhotograph);
  return {
    images: stack(originals.map((image) => functional.centerCrop(image, side))),
    originals,
    labels: tensor(Int32Array.from(names.keys()), { dtype: "int32" }),
    classes: names,
  };
}

function readPhotograph(name: string): Tensor {
  const file = `photographs/${name}.jpg`;
  return fromAsset(file, (bytes) => tensorOf(decodeImage("photographs", file, bytes)));
}
