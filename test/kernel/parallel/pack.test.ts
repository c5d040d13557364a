import { deserialize, serialize } from "node:v8";
import { expect } from "chai";
import fc from "fast-check";
import { pack, unpack } from "../../../kernel/parallel/pack";
import type { PackedValue } from "../../../kernel/contract/rankMessages";
import { hostileNames } from "../../support/mutations";

describe("a value that is sent to the ranks", () => {
  it("keeps all its names, as its own", async () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(1, "text", null),
        fc.array(tie("value"), { maxLength: 2 }),
        fc
          .array(fc.tuple(fc.constantFrom(...hostileNames, "a"), tie("value")), { maxLength: 3 })
          .map((entries) => Object.fromEntries(entries)),
      ),
    }));
    const property = fc.asyncProperty(value, async (given) => {
      const sent = deserialize(serialize(await pack(given))) as PackedValue;
      expect(JSON.stringify(unpack(sent))).to.equal(JSON.stringify(given));
    });
    await fc.assert(property, { seed: 1, numRuns: 300 });
  });
});
