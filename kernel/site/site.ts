import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { escapeHtml } from "../../lib/util/html";
import { executeAll, nameOf } from "../headless/execute";
import { checkWritable } from "../headless/files";
import { readNotebook } from "../headless/notebook";
import type { Notebook, Output } from "../headless/notebook";
import { inlineHtml } from "../headless/markdown";
import { notebookHtml, titleOf } from "../headless/page";
import { showProgress } from "../headless/progress";
import { sizeOf } from "../headless/run";
import { NotebookRun } from "../headless/runner";
import type { CreateDispatcher, ExecutionOptions } from "../headless/runner";
import { pageStyle } from "../headless/style";
import type { Magic } from "../magics/magic";
import { MagicRegistry } from "../magics/registry";
import { chapterOf } from "./chapter";
import type { Chapter, Picture } from "./chapter";
import { framed, runtimeFile, withoutRuntime } from "./frame";
import type { SitePage } from "./frame";
import { examplesOf, magicNotebook, writtenName } from "./magicPage";
import { entriesOf, entriesScript } from "./search";
import type { Entry } from "./search";

const assets = join(__dirname, "..", "..", "assets", "site");

export interface SiteOptions extends ExecutionOptions {
  /** The folder for what is written. */
  readonly out: string;
}

/**
 * `saddle site`: executes notebooks and writes them as pages to browse and search. Returns whether all went well; of
 * what cannot be read, and of what is not run any more, there are no pages.
 */
export async function buildSite(
  paths: readonly string[],
  { out, ...options }: SiteOptions,
  createDispatcher: CreateDispatcher,
): Promise<boolean> {
  const site = new Site(resolve(out));
  const fileOf = (path: string) => join(site.folder, "notebooks", `${nameOf(path)}.ipynb`);
  checkWritable([join(site.folder, "index.html"), ...paths.map(fileOf)], sizeOf(paths));
  const chapters = paths.flatMap(chapterIn);
  const written: Chapter[] = [];
  let [allWell, isComplete] = [true, true];
  for await (const executed of executeAll(paths, { ...options, fileOf }, createDispatcher)) {
    const { path, notebook } = executed;
    if (!executed.isGood) allWell = false;
    if (executed.isEnding) isComplete = false;
    const index = chapters.findIndex(({ name }) => name === nameOf(path));
    if (notebook === undefined || index === -1) continue;
    writeNotebookPage(site, notebook, chapters, index);
    written.push(chapters[index]);
  }
  if (isComplete) await writeMagics(site, createDispatcher);
  writeIndex(site, written);
  site.finish();
  process.stdout.write(`${join(site.folder, "index.html")}\n`);
  return allWell;
}

/** What cannot be read is said when its turn to run has come. */
function chapterIn(path: string): Chapter[] {
  try {
    return [chapterOf(nameOf(path), readNotebook(path))];
  } catch {
    return [];
  }
}

/** A folder of pages that share a style, a script that draws their figures, and a search. */
class Site {
  private readonly entries: Entry[] = [];
  private runtime = "";
  private readonly hasApi: boolean;

  constructor(readonly folder: string) {
    this.hasApi = existsSync(join(folder, "api", "entries.js"));
  }

  write(page: SitePage): void {
    this.runtime = withoutRuntime(page.body).runtime ?? this.runtime;
    writeFileSync(this.place(page.url), framed(page, { hasApi: this.hasApi }));
  }

  /** A notebook as a page that the search knows. `around` is HTML before and behind it. */
  writeNotebook(
    notebook: Notebook,
    { title, url }: Omit<SitePage, "body">,
    [before, behind] = ["", ""],
  ): void {
    this.entries.push(...entriesOf(notebook, title, url));
    this.write({ title, url, body: `${before}\n${notebookHtml(notebook)}\n${behind}` });
  }

  /** Writes what the pages share. */
  finish(): void {
    writeFileSync(
      this.place("site.css"),
      `${pageStyle()}\n${readFileSync(join(assets, "site.css"), "utf8")}`,
    );
    writeFileSync(this.place(runtimeFile), this.runtime);
    writeFileSync(this.place("search/entries.js"), entriesScript(this.entries));
    copyFileSync(join(assets, "search.js"), this.place("search/search.js"));
    const minisearch = dirname(require.resolve("minisearch"));
    copyFileSync(join(minisearch, "..", "umd", "index.js"), this.place("search/minisearch.js"));
  }

  /** The file of a URL, with its folder made. */
  place(url: string): string {
    const file = join(this.folder, url);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }
}

function writeNotebookPage(
  site: Site,
  notebook: Notebook,
  chapters: readonly Chapter[],
  index: number,
): void {
  const { name } = chapters[index];
  const url = `notebooks/${name}.html`;
  const download = `<p class="download"><a href="${name}.ipynb" download>Notebook</a></p>`;
  const behind = neighbourLinks(chapters[index - 1], chapters[index + 1]);
  site.writeNotebook(notebook, { title: titleOf(notebook) ?? name, url }, [download, behind]);
}

function neighbourLinks(before: Chapter | undefined, after: Chapter | undefined): string {
  const link = (chapter: Chapter | undefined, relation: string, arrow: (title: string) => string) =>
    chapter === undefined
      ? ""
      : `<a rel="${relation}" href="${chapter.name}.html">${arrow(escapeHtml(chapter.title))}</a>`;
  const links = [link(before, "prev", (title) => `← ${title}`), link(after, "next", (title) => `${title} →`)];
  return `<nav class="neighbours" aria-label="Neighbouring notebooks">${links.join("\n")}</nav>`;
}

async function writeMagics(site: Site, createDispatcher: CreateDispatcher): Promise<void> {
  const magics = new MagicRegistry().all();
  const outputs = await runExamples(magics, createDispatcher);
  magics.forEach((magic, index) => writeMagicPage(site, magic, outputs[index]));
  site.write({ title: "Magics", url: "magics/index.html", body: magicsBody(magics) });
}

/** What the example of each magic shows, all in one session. */
async function runExamples(
  magics: readonly Magic[],
  createDispatcher: CreateDispatcher,
): Promise<(readonly Output[])[]> {
  const notebook = examplesOf(magics);
  const progress = showProgress("magics", notebook.cells.length, process.stdout, true);
  const failure = await new NotebookRun(notebook).execute(createDispatcher, { progress });
  progress.end();
  if (failure !== undefined)
    throw new Error(`the example of %${magics[failure.cell].name} failed\n${failure.traceback.join("\n")}`);
  return notebook.cells.map(({ outputs }) => outputs ?? []);
}

function writeMagicPage(site: Site, magic: Magic, outputs: readonly Output[]): void {
  const page = { title: writtenName(magic), url: `magics/${magic.name}.html` };
  site.writeNotebook(magicNotebook(magic, outputs), page);
}

function magicsBody(magics: readonly Magic[]): string {
  const rows = magics.map(
    (magic) =>
      `<dt><a href="${magic.name}.html"><code>${writtenName(magic)}</code></a></dt><dd>${inlineHtml(magic.summary)}</dd>`,
  );
  return `<h1>Magics</h1><dl class="magics">${rows.join("\n")}</dl>`;
}

function writeIndex(site: Site, chapters: readonly Chapter[]): void {
  for (const { name, picture } of chapters) {
    if (picture !== undefined) writeFileSync(site.place(thumbnailOf(name, picture)), picture.bytes);
  }
  const cards = chapters.map(({ name, title, description, picture }) => {
    const image =
      picture === undefined
        ? ""
        : `<img alt="${escapeHtml(picture.label)}" src="${thumbnailOf(name, picture)}" loading="lazy">`;
    return `<li><a href="notebooks/${name}.html">${image}<h2>${escapeHtml(title)}</h2></a><p>${inlineHtml(description)}</p></li>`;
  });
  const body = `<h1>Saddle</h1><p>Seeing how deep models optimise: a lecture in notebooks, each run on this machine.</p>
<ul class="chapters">${cards.join("\n")}</ul>`;
  site.write({ title: "Saddle", url: "index.html", body });
}

function thumbnailOf(name: string, { suffix }: Picture): string {
  return `thumbnails/${name}.${suffix}`;
}
