// What a page needs once to draw Saddle's figures: it draws those that wait in window.SaddleFigures, and from then
// on each that is pushed there. The figures may come before it or after it. Called with plotly.js (gzip, base64),
// which is unpacked for the first figure, and the template for dark pages.
(packedPlotly, darkTemplate) => {
  if (window.SaddleFigures && !Array.isArray(window.SaddleFigures)) return;

  const findHostFor = 20_000; // ms; a front end may attach an output long after it ran its scripts
  const usualHeight = 450; // CSS pixels
  const narrow = 560; // CSS pixels
  const hostClass = "saddle-figure";
  const liveGraphs = new Map();
  /** What is drawn in which host, and how: { plotly, figure, graph, width, ground }. */
  const drawings = new WeakMap();
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => adapt(target)));
  let unpacked;

  const plotly = () => (unpacked ??= unpack(packedPlotly).then(evaluate));
  const waiting = window.SaddleFigures || [];
  window.SaddleFigures = { plotly, push: (figure) => void plotly().then((it) => drawWhenAttached(it, figure)) };
  waiting.forEach(window.SaddleFigures.push);
  watchTheme();

  function unpack(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  // Given a module of its own, plotly.js minds neither the page's AMD loader nor another Plotly there.
  function evaluate(source) {
    const others = window.Plotly;
    const module = { exports: {} };
    new Function("module", "define", source)(module);
    if (others) window.Plotly = others;
    return module.exports;
  }

  function drawWhenAttached(plotly, figure, since = performance.now()) {
    // A front end may show one output in two places.
    const hosts = document.querySelectorAll(`[id="${figure.id}"]`);
    hosts.forEach((host) => draw(plotly, figure, host));
    if (hosts.length === 0 && performance.now() - since < findHostFor) {
      setTimeout(() => drawWhenAttached(plotly, figure, since), 50);
    }
  }

  function draw(plotly, figure, host) {
    const { data, layout, live } = figure;
    const [ground, width] = [groundOf(host), host.clientWidth];
    const drawn = isNarrow(width) ? narrowed(data, layout, width) : layout;
    const template = isDark(ground) ? onGround(darkTemplate, ground) : layout.template;
    const graph = graphOf(host, live);
    graph.style.height = `${drawn.height || usualHeight}px`;
    if (graph.parentElement !== host) host.replaceChildren(graph);
    drawings.set(host, { plotly, figure, graph, width, ground });
    // What has been turned or zoomed stays so when it is drawn again.
    const whole = { ...structuredClone(drawn), template, uirevision: live || figure.id };
    // What is drawn for the first time measures its place, what is drawn again does not.
    void plotly.react(graph, data, whole, { displaylogo: false }).then(() => plotly.Plots.resize(graph));
    sizes.observe(host);
  }

  /** A live figure comes again and again in new outputs: the graph moves over, so that it does not flicker. */
  function graphOf(host, live) {
    const graph = (live && liveGraphs.get(live)) || drawings.get(host)?.graph || document.createElement("div");
    if (live) liveGraphs.set(live, graph);
    return graph;
  }

  /** Draws a figure anew where its host has become wider or narrower, or lies on another ground. */
  function adapt(host) {
    const drawing = drawings.get(host);
    const width = host.clientWidth;
    if (!drawing || width === 0 || drawing.graph.parentElement !== host) return;
    const { plotly, figure, graph } = drawing;
    const isOther = String(groundOf(host)) !== String(drawing.ground);
    const isResized = width !== drawing.width;
    if (isOther || (isResized && (isNarrow(width) || isNarrow(drawing.width)))) draw(plotly, figure, host);
    else if (isResized) {
      drawing.width = width;
      plotly.Plots.resize(graph);
    }
  }

  function isNarrow(width) {
    return width > 0 && width < narrow;
  }

  /** Front ends say their theme in attributes of the page, whose style sheets may come later. */
  function watchTheme() {
    const adaptAll = () => document.querySelectorAll(`.${hostClass}`).forEach(adapt);
    const soon = () => [0, 300, 1500].forEach((wait) => setTimeout(adaptAll, wait));
    const attributes = ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "data-theme"];
    const observer = new MutationObserver(soon);
    for (const element of [document.documentElement, document.body])
      observer.observe(element, { attributeFilter: [...attributes, "data-vscode-theme-kind"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
    const isStyleSheet = ({ target }) => target.tagName === "LINK";
    document.addEventListener("load", (event) => isStyleSheet(event) && soon(), true);
  }

  // On a telephone: titles in several lines, the legend at the bottom, panels below each other, smaller letters.
  function narrowed(data, layout, width) {
    const { title, annotations, grid, sliders, legend, margin, height = usualHeight } = layout;
    const named = data.filter(({ name, showlegend }) => name && showlegend !== false).length;
    const legendHeight = named > 1 ? 22 * named : 0;
    const lines = linesOf((title && title.text) || "", width / 9);
    const panels = grid ? grid.columns : 1;
    return {
      ...layout,
      height: Math.min(height, width + 160) * (1 + 0.7 * (panels - 1)) + legendHeight,
      font: { size: 13 },
      title: { text: lines.join("<br>"), font: { size: 16 } },
      margin: {
        ...margin,
        t: 20 + 22 * lines.length + (annotations ? 30 : 0),
        b: ((margin && margin.b) || 60) + legendHeight + (sliders ? 100 : 0),
      },
      legend: { ...legend, orientation: "v", yref: "container", y: 0, yanchor: "bottom", x: 0, xanchor: "left" },
      ...(grid && { grid: { ...grid, rows: grid.rows * grid.columns, columns: 1, ygap: 0.35 } }),
    };
  }

  /** Words in lines of about `length` characters. */
  function linesOf(text, length) {
    const lines = [];
    for (const word of text.split(" ")) {
      const line = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length > 0 && line.length <= length) lines[lines.length - 1] = line;
      else lines.push(word);
    }
    return lines;
  }

  function onGround({ layout, ...rest }, ground) {
    const colour = `rgb(${ground.join(",")})`;
    return { ...rest, layout: { ...layout, paper_bgcolor: colour, plot_bgcolor: colour } };
  }

  /** What is seen behind an element: red, green, blue. */
  function groundOf(element) {
    for (let node = element; node; node = node.parentElement) {
      const [red, green, blue, alpha = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g).map(Number);
      if (alpha > 0.5) return [red, green, blue];
    }
    return [255, 255, 255];
  }

  function isDark([red, green, blue]) {
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
  }
}
