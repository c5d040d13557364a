import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium, type Browser } from "playwright-core";

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** A headless browser, or nothing where none is installed. */
export async function openBrowser(): Promise<Browser | undefined> {
  if (browserPath === undefined) return undefined;
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"],
  });
}

export interface PageReport {
  /** Of figures. */
  readonly figures: number;
  readonly drawn: number;
  /** How many figures and pictures have no text that stands for them. */
  readonly unlabelled: number;
  readonly errors: readonly string[];
  /** By how many CSS pixels the page is wider than the window. */
  readonly overflow: number;
}

/** Opens an HTML file in a window of `width` CSS pixels, waits for its figures and looks at it. */
export async function inspectPage(browser: Browser, file: string, width: number): Promise<PageReport> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  try {
    await page.goto(pathToFileURL(file).href);
    const waited = page.waitForFunction(
      'document.querySelectorAll(".saddle-figure:not(:has(.main-svg))").length === 0',
      undefined,
      { timeout: 60_000 },
    );
    await waited.catch(() => undefined); // what is not drawn is counted below
    const seen = await page.evaluate<Omit<PageReport, "errors">>(`({
      figures: document.querySelectorAll(".saddle-figure").length,
      drawn: document.querySelectorAll(".saddle-figure:has(.main-svg)").length,
      unlabelled: document.querySelectorAll('.saddle-figure:not([aria-label]), .saddle-figure[aria-label=""], img:not([alt]), img[alt=""]').length,
      overflow: document.documentElement.scrollWidth - window.innerWidth,
    })`);
    return { ...seen, errors };
  } finally {
    await page.close();
  }
}
