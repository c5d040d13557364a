import { expect } from "chai";
import { KernelClient, printedText, resultText, valueIn } from "./support/client";

describe("a cell in today's TypeScript", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const valueOf = (code: string) => valueIn(kernel, code);

  it("has the JavaScript of the running Node, and is told of what is newer", async () => {
    const cells: [isThere: boolean, code: string, value: string][] = [
      ["Iterator" in globalThis, "[1, 2, 3].values().map((x) => 2 * x).take(2).toArray()", "[ 2, 4 ]"],
      ["union" in Set.prototype, "new Set([1]).union(new Set([2])).size.toFixed(1)", "'2.0'"],
      ["groupBy" in Object, "Object.groupBy([1, 2], (x) => (x > 1 ? 'big' : 'small')).big?.at(0)", "2"],
      ["withResolvers" in Promise, "Promise.withResolvers<number>().promise instanceof Promise", "true"],
      ["fromAsync" in Array, "(await Array.fromAsync([Promise.resolve(1)])).at(0)!.toFixed(1)", "'1.0'"],
      [true, "'a'.isWellFormed()", "true"],
    ];
    const newer =
      /^Property '\w+' does not exist on type '\w+(<.*>)?'\.( It (came with ES\d+, which Node [\d.]+ does not have all of|is newer than Node [\d.]+)\.)?$/m;
    for (const [isThere, code, value] of cells) {
      const execution = await kernel.execute(code);
      if (isThere) expect(resultText(execution), code).to.equal(value);
      else expect(execution.reply["evalue"], code).to.match(newer);
    }
  });

  it("disposes of what is used, at the end of the block or of the cell", async () => {
    await valueOf(
      "class Handle { constructor(readonly name: string) {}\n" +
        "  [Symbol.dispose]() { console.log('closes', this.name); }\n" +
        "  async [Symbol.asyncDispose]() { await null; console.log('at last closes', this.name); } }",
    );
    const printed = async (code: string) => {
      const execution = await kernel.execute(code);
      return [printedText(execution), resultText(execution) ?? execution.reply["evalue"]];
    };
    expect(await printed("{ using h = new Handle('a'); console.log('in', h.name); } 1")).to.deep.equal([
      "in a\ncloses a\n",
      "1",
    ]);
    const whole =
      "using b = new Handle('b'); const beside = 1; function far() { return beside; }\nb.name + far()";
    expect(await printed(whole)).to.deep.equal(["closes b\n", "'b1'"]);
    expect(await printed("beside + far()")).to.deep.equal(["", "2"]);
    const later = "await using c = new Handle('c'), none = null;\nconsole.log('body'); c.name";
    expect(await printed(later)).to.deep.equal(["body\nat last closes c\n", "'c'"]);
    const failing = "using d = new Handle('d');\nthrow new Error('before the end');";
    expect(await printed(failing)).to.deep.equal(["closes d\n", "before the end"]);
    const loop = "for (using e of [new Handle('e')]) console.log('turn', e.name)";
    expect((await printed(loop))[0]).to.equal("turn e\ncloses e\n");
    const refused = await kernel.execute("using wrong = 5;");
    expect(refused.reply["evalue"]).to.contain("[Symbol.dispose]()");
  });

  it("decorates classes as the language does, with decorators of earlier cells too", async () => {
    await valueOf(`function logged<This, A extends unknown[], R>(
  method: (this: This, ...args: A) => R, { name }: ClassMethodDecoratorContext<This>,
) { return function (this: This, ...args: A): R { console.log("calls", String(name)); return method.apply(this, args); }; }
function registered<C extends abstract new (...args: never[]) => object>(_: C, { name, addInitializer }: ClassDecoratorContext<C>) {
  addInitializer(() => console.log("registered", name)); }
function doubled<T>({ get }: ClassAccessorDecoratorTarget<T, number>, _: ClassAccessorDecoratorContext<T, number>) {
  return { get(this: T) { return 2 * get.call(this); } }; }`);
    const execution = await kernel.execute(
      "@registered class Robot { @logged greet(n: number) { return n + 1; } @doubled accessor power = 3; }\n" +
        "[new Robot().greet(1), new Robot().power]",
    );
    expect([printedText(execution), resultText(execution)]).to.deep.equal([
      "registered Robot\ncalls greet\n",
      "[ 2, 6 ]",
    ]);
    expect(
      await valueOf(
        "class Loud extends Robot { @logged override greet(n: number) { return super.greet(n); } }",
      ),
    ).to.equal(undefined);
    expect(await valueOf("new Loud().greet(41)")).to.equal("42");
    const refused = await kernel.execute("class Wrong { @logged field = 1 }");
    expect(refused.reply["evalue"]).to.contain("decorator");
  });

  it("checks with satisfies, and infers nothing where it is told not to", async () => {
    expect(
      await valueOf(
        "const palette = { red: [1], blue: 'b' } satisfies Record<string, string | number[]>;\npalette.red.at(0)!.toFixed() + palette.blue.toUpperCase()",
      ),
    ).to.equal("'1B'");
    const refused = await kernel.execute("const wrong = { red: 5 } satisfies Record<string, string>;");
    expect(refused.reply["evalue"]).to.contain("not assignable to type 'string'");
    await valueOf(
      "function prefer<T extends string>(all: T[], chosen?: NoInfer<T>) { return chosen ?? all[0]; }",
    );
    expect(await valueOf("prefer(['a', 'b'], 'b')")).to.equal("'b'");
    expect((await kernel.execute("prefer(['a'], 'c')")).reply["evalue"]).to.contain(
      "'\"c\"' is not assignable",
    );
  });

  it("ends with an expression only if one is written there", async () => {
    expect(await valueOf("enum LastKind { A }")).to.equal(undefined);
    expect(await valueOf("namespace LastSpace { export const a = 1 }")).to.equal(undefined);
    expect(await valueOf("() => 1")).to.equal("[Function (anonymous)]");
    expect(await valueOf("(class {})")).to.equal("[class (anonymous)]");
  });

  it("may have what could not be exported: classes without a name that have private parts", async () => {
    await valueOf(
      "function Timed<B extends new (...args: any[]) => object>(Base: B) { return class extends Base { private at = 1; when() { return this.at; } }; }",
    );
    await valueOf("// @ts-nocheck\nconst Hidden = class { private x = 1; y = 2 }; const besideHidden = 5;");
    expect(await valueOf("[new (Timed(Object))().when(), new Hidden().y, besideHidden]")).to.equal(
      "[ 1, 2, 5 ]",
    );
  });

  it("is told of an await in a function that is not async, wherever that is", async () => {
    for (const code of [
      "({ m() { await 1; } })",
      "class M { m() { await 1; } }",
      "// @ts-nocheck\n(() => { for await (const x of []) x; })",
    ]) {
      const { reply } = await kernel.execute(code);
      expect(reply["ename"], code).to.equal("CompileError");
      expect(reply["evalue"], code).to.contain("only allowed within async functions");
    }
  });
});
