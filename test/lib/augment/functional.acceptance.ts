import { defaultDevice } from "../../../lib/tensor";
import { expectTorchvision, golden } from "./support/golden";

describe("augment.functional on the default device", () => {
  for (const reference of golden.cases) {
    it(`equals torchvision: ${reference.transform} ${JSON.stringify(reference.args)}`, () =>
      expectTorchvision(reference, defaultDevice()));
  }
});
