// build-api.mjs SITE: writes the reference of the library, from its doc comments, into SITE/api, and what
// the site's search is to know of it. `saddle site` writes the rest of the site.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, JSX, PageEvent, ReflectionKind, RendererEvent, TSConfigReader } from "typedoc";

const documented =
  ReflectionKind.Class |
  ReflectionKind.Function |
  ReflectionKind.Interface |
  ReflectionKind.Namespace |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable;

function entriesOf(project, router) {
  const reflections = project.getReflectionsByKind(documented).filter((one) => router.hasUrl(one));
  return reflections.map((one) => ({
    title: one.getFullName(),
    page: "Library",
    url: `api/${router.getFullUrl(one)}`,
    text: textOf(one.comment ?? one.signatures?.[0]?.comment),
  }));
}

function textOf(comment) {
  const parts = [comment, ...(comment?.blockTags ?? [])].flatMap(
    (block) => block?.summary ?? block?.content ?? [],
  );
  return parts.map(({ text }) => text).join("");
}

const folder = join(process.argv[2], "api");
const app = await Application.bootstrap(
  {
    name: "Saddle: the library",
    entryPoints: ["lib/index.ts"],
    readme: "none",
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    githubPages: false,
    navigation: { includeGroups: false, excludeReferences: true },
    // Types that only say how another is written are explained where that is.
    validation: { notExported: false },
    logLevel: "Warn",
  },
  [new TSConfigReader()],
);
app.renderer.hooks.on("pageSidebar.begin", (context) =>
  JSX.createElement("a", { href: context.relativeURL("../index.html") }, "← Notebooks and magics"),
);
// TypeDoc's own script brings the icons into the page; from a file they could not be loaded from beside it.
app.renderer.on(PageEvent.END, (page) => {
  page.contents = page.contents?.replace(/href="[^"#]*icons\.svg#/g, 'href="#');
});
let entries = [];
app.renderer.on(RendererEvent.END, ({ project }) => (entries = entriesOf(project, app.renderer.router)));
const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateDocs(project, folder);
if (app.logger.hasErrors()) process.exit(1);
writeFileSync(
  join(folder, "entries.js"),
  `(window.SaddleEntries ??= []).push(...${JSON.stringify(entries)});\n`,
);
