// The search in the head of each page of the site, over window.SaddleEntries, by MiniSearch.
{
  const most = 12;
  const snippetLength = 110; // characters
  const field = document.getElementById("search");
  const list = document.getElementById("found");
  let index;

  field.addEventListener("input", show);
  field.addEventListener("focus", show);
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") list.querySelector("a")?.click();
    if (key === "ArrowDown") list.querySelector("a")?.focus();
    if (key === "Escape") list.hidden = true;
  });
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    (links[links.indexOf(document.activeElement) + step] ?? field).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea")) return;
    event.preventDefault();
    field.focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("search")) list.hidden = true;
  });

  function show() {
    const query = field.value.trim();
    list.hidden = query === "";
    if (query === "") return;
    index ??= indexed(window.SaddleEntries);
    const found = index.search(query).slice(0, most);
    list.replaceChildren(...(found.length > 0 ? found.map((hit) => itemOf(hit, query)) : [nothing(query)]));
  }

  // Entries are many and only a search needs the index, so it is made at the first one.
  function indexed(entries) {
    const index = new MiniSearch({
      fields: ["title", "page", "text"],
      storeFields: ["title", "page", "url", "text"],
      tokenize: (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [],
      searchOptions: { prefix: true, fuzzy: editsOf, boost: { title: 4, page: 2 }, combineWith: "AND" },
    });
    index.addAll(entries.map((entry, id) => ({ id, ...entry })));
    return index;
  }

  /** How many letters of a word may be wrong. */
  function editsOf({ length }) {
    if (length > 6) return 2;
    return length > 4 ? 1 : false;
  }

  function itemOf({ title, page, url, text, terms }) {
    const link = document.createElement("a");
    link.href = field.dataset.root + url;
    const place = document.createElement("small");
    place.textContent = [page === title ? "" : page, snippet(text, terms)].filter(Boolean).join(": ");
    link.append(title, place);
    return wrapped(link);
  }

  function snippet(text, terms) {
    const at = Math.min(...terms.map((term) => text.toLowerCase().indexOf(term)).filter((place) => place >= 0));
    const start = Number.isFinite(at) ? Math.max(0, at - snippetLength / 3) : 0;
    const part = text.slice(start, start + snippetLength).trim();
    return (start > 0 ? "…" : "") + part + (start + snippetLength < text.length ? "…" : "");
  }

  function nothing(query) {
    const text = document.createElement("span");
    text.className = "none";
    text.textContent = `Nothing about “${query}”`;
    return wrapped(text);
  }

  function wrapped(element) {
    const item = document.createElement("li");
    item.append(element);
    return item;
  }
}
