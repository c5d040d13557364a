import { expect } from "chai";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { notebookOf } from "../support/headless";
import { emptyFolder, freePorts, program } from "./support/client";

const cells = [
  `import { viz } from "saddle";
const curve = (rate: number) => viz.line({ loss: [1, 1 - rate, (1 - rate) ** 2] }, { title: \`rate \${rate}\` });
curve(0.5)`,
  `const rate = widgets.slider({ label: "learning rate", min: 0.001, max: 1, value: 0.1, log: true });
rate`,
  `const shown = display(curve(rate.value));
rate.onChange((value) => {
  shown.update(curve(value));
  console.log("moved to", value);
});`,
  `const button = widgets.button("Train").onClick(async () => console.log("trained at", rate.value));
button`,
];

/** The Jupyter of classic Notebook's page, as far as it is used here. */
interface ClassicWindow {
  readonly Jupyter?: {
    readonly notebook: {
      execute_all_cells(): void;
      save_notebook(): Promise<void>;
      readonly kernel?: { is_connected(): boolean };
    };
  };
}

describe("classic Notebook in a browser", () => {
  const folder = emptyFolder();
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;

  before(async () => {
    execFileSync(process.execPath, [program, "install", "--prefix", folder]);
    writeFileSync(join(folder, "test.ipynb"), notebookOf(cells));
    const [port] = await freePorts(1);
    server = startNotebookServer(folder, port);
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    page = await browser.newPage();
    await openNotebook(page, `http://127.0.0.1:${port}/notebooks/test.ipynb`);
    await page.evaluate(() => (globalThis as unknown as ClassicWindow).Jupyter?.notebook.execute_all_cells());
  });
  after(async () => {
    await browser.close();
    server.kill("SIGTERM");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  const outputOf = (cell: number) => page.locator(".code_cell").nth(cell);

  it("draws figures, without a network", async () => {
    await outputOf(0).locator(".saddle-figure svg.main-svg").first().waitFor();
    expect(await outputOf(0).locator(".saddle-figure").textContent()).to.contain("rate 0.5");
  });

  it("moves a figure with a slider", async () => {
    await outputOf(2).locator(".saddle-figure svg.main-svg").first().waitFor();
    const slider = outputOf(1).locator(".ui-slider-handle, .noUi-handle").first();
    await slider.press("ArrowRight");
    await outputOf(1).getByText("moved to").first().waitFor();
    expect(await outputOf(1).textContent()).to.match(/learning rate = 0\.1[0-9]/);
    await outputOf(2)
      .locator(".saddle-figure .gtitle", { hasText: /rate 0\.10/ })
      .waitFor();
  });

  it("calls back into a cell from a button", async () => {
    await outputOf(3).getByRole("button", { name: "Train" }).click();
    await outputOf(3)
      .getByText(/trained at 0\.10/)
      .waitFor();
  });

  it("draws the figures of a saved notebook that it trusts, and shows pictures in one that it does not", async () => {
    await page.evaluate(() => (globalThis as unknown as ClassicWindow).Jupyter?.notebook.save_notebook());
    const saved = JSON.parse(readFileSync(join(folder, "test.ipynb"), "utf8")) as {
      cells: { outputs: unknown[] }[];
    };
    await openNotebook(page, page.url());
    await outputOf(0).locator(".saddle-figure svg.main-svg").first().waitFor();
    // Without a copy, and of other text than what was signed.
    const cells = [saved.cells[2], saved.cells[0]];
    cells[1].outputs.splice(1);
    const untrusted = { ...saved, cells, metadata: { changed: true } };
    writeFileSync(
      join(folder, "untrusted.ipynb"),
      JSON.stringify(untrusted).replaceAll("rate 0.5", "rate zero"),
    );
    await openNotebook(page, page.url().replace("test.ipynb", "untrusted.ipynb"));
    const picture = outputOf(1).locator(".output_html img");
    await picture.waitFor();
    expect(
      await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).to.equal(900);
    expect(await page.locator(".main-svg").count()).to.equal(0);
  });
});

function startNotebookServer(folder: string, port: number): ChildProcess {
  const env = {
    ...process.env,
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    JUPYTER_RUNTIME_DIR: folder,
    XDG_DATA_HOME: folder,
    PYTHONWARNINGS: "ignore",
  };
  const args = [
    ...["--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${port}`, "--port-retries=0"],
    ...["--NotebookApp.token=", "--NotebookApp.password=", `--notebook-dir=${folder}`],
  ];
  return spawn("/usr/bin/jupyter-notebook", args, { env, stdio: "ignore" });
}

async function openNotebook(page: Page, url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await page.goto(url);
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await page.waitForTimeout(200);
    }
  }
  await page.waitForFunction(() =>
    (globalThis as unknown as ClassicWindow).Jupyter?.notebook.kernel?.is_connected(),
  );
}
