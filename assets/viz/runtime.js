// What a page needs once to draw Saddle's figures: it unpacks plotly.js, draws the figures that wait
// in window.SaddleFigures, and from then on each figure that is pushed there. The figures may come
// before it or after it. Called with plotly.js (gzip, base64) and the template for dark pages.
(packedPlotly, darkTemplate) => {
  if (window.SaddleFigures && !Array.isArray(window.SaddleFigures)) return;

  const findHostFor = 20_000; // ms; a front end may attach an output long after it ran its scripts
  const liveGraphs = new Map();
  const waiting = window.SaddleFigures || [];
  window.SaddleFigures = { push: (figure) => void plotlyReady.then((plotly) => drawWhenAttached(plotly, figure)) };

  const plotlyReady = unpack(packedPlotly).then(evaluate);
  waiting.forEach(window.SaddleFigures.push);

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
    const host = document.getElementById(figure.id);
    if (host) draw(plotly, figure, host);
    else if (performance.now() - since < findHostFor) {
      setTimeout(() => drawWhenAttached(plotly, figure, since), 50);
    }
  }

  function draw(plotly, { data, layout, live }, host) {
    const template = isDark(host) ? darkTemplate : layout.template;
    // A live figure comes again and again in new outputs: the graph moves over, so that it does not flicker.
    const graph = liveGraphs.get(live) || document.createElement("div");
    if (live) liveGraphs.set(live, graph);
    graph.style.height = `${layout.height || 450}px`;
    host.replaceChildren(graph);
    plotly.react(graph, data, { ...layout, template }, { responsive: true, displaylogo: false });
  }

  function isDark(element) {
    for (let node = element; node; node = node.parentElement) {
      const [red, green, blue, alpha = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g).map(Number);
      if (alpha > 0.5) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
    }
    return false;
  }
}
