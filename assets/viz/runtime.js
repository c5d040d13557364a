// What a page needs once to draw Saddle's figures: it unpacks plotly.js, draws the figures that wait
// in window.SaddleFigures, and from then on each figure that is pushed there. The figures may come
// before it or after it. Called with plotly.js (gzip, base64) and the template for dark pages.
(packedPlotly, darkTemplate) => {
  if (window.SaddleFigures && !Array.isArray(window.SaddleFigures)) return;

  const findHostFor = 20_000; // ms; a front end may attach an output long after it ran its scripts
  const usualHeight = 450; // CSS pixels
  const narrow = 560; // CSS pixels
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
    const ground = groundOf(host);
    const drawn = host.clientWidth > 0 && host.clientWidth < narrow ? narrowed(data, layout, host.clientWidth) : layout;
    const template = isDark(ground) ? onGround(darkTemplate, ground) : layout.template;
    // A live figure comes again and again in new outputs: the graph moves over, so that it does not flicker.
    const graph = liveGraphs.get(live) || document.createElement("div");
    if (live) liveGraphs.set(live, graph);
    graph.style.height = `${drawn.height || usualHeight}px`;
    host.replaceChildren(graph);
    plotly.react(graph, data, { ...drawn, template }, { responsive: true, displaylogo: false });
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
