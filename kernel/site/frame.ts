import { htmlPage } from "../headless/page";

export interface SitePage {
  readonly title: string;
  /** From the site's root. */
  readonly url: string;
  /** HTML. */
  readonly body: string;
}

/** Parts of the site that were there before it is built and are linked, such as the reference of the library. */
export interface Neighbours {
  readonly hasApi: boolean;
}

/** A page of the site, with its head line and the search. All that it refers to is in the site. */
export function framed({ title, url, body }: SitePage, { hasApi }: Neighbours): string {
  const root = "../".repeat(url.split("/").length - 1);
  const { rest } = withoutRuntime(body);
  const scripts = [
    ...(rest.includes('class="saddle-figure"') ? [runtimeFile] : []),
    "search/minisearch.js",
    "search/entries.js",
    ...(hasApi ? ["api/entries.js"] : []),
    "search/search.js",
  ];
  const links = [
    `<a class="home" href="${root}index.html">Saddle</a>`,
    `<a href="${root}magics/index.html">Magics</a>`,
    ...(hasApi ? [`<a href="${root}api/index.html">Library</a>`] : []),
  ];
  return htmlPage({
    title,
    head: `<link rel="stylesheet" href="${root}site.css">`,
    body: `<header class="site">
<nav aria-label="Site">${links.join("\n")}</nav>
<search><input type="search" id="search" placeholder="Search ( / )" aria-label="Search" autocomplete="off" data-root="${root}">
<ol id="found" hidden></ol></search>
</header>
<main>
${rest}
</main>
${scripts.map((file) => `<script src="${root}${file}"></script>`).join("\n")}`,
  });
}

/** Where the site keeps the script, plotly.js within it, that draws the figures of all its pages. */
export const runtimeFile = "figures.js";

/** HTML without the script that draws its figures, and that. */
export function withoutRuntime(html: string): { rest: string; runtime: string | undefined } {
  const element = /<script class="saddle-runtime">([^]*?)<\/script>/g;
  return { rest: html.replace(element, ""), runtime: [...html.matchAll(element)].at(0)?.[1] };
}
