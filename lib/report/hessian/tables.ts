import type { ReportTable } from "../../viz";
import { sixDigits } from "../../viz/values";
import type { HessianNumbers } from "./numbers";

type Row = readonly [string, string | number];

/** The tables of a report; what is not known has no row. */
export function hessianTables(h: HessianNumbers): ReportTable[] {
  if (h.kind === "unknown") return [{ rows: pointRows(h) }];
  return [
    { rows: [...pointRows(h), ...spectrumRows(h), ...descentRows(h)].filter(isKnown) },
    ...endsTable(h),
    ...blockTable(h),
    { title: "How it was found", rows: methodRows(h).filter(isKnown) },
  ];
}

function isKnown([, value]: Row): boolean {
  return typeof value === "string" || !Number.isNaN(value);
}

function pointRows(h: HessianNumbers): Row[] {
  const index = h.kind === "saddle" ? ` of index ${h.exact ? "" : "at least "}${h.index}` : "";
  return [
    ["parameters n", h.n],
    ["loss", Number.isNaN(h.loss) ? "NaN" : h.loss],
    ["‖g‖", h.gradNorm],
    ["verdict", `${h.kind}${index}: ${h.reason}`],
  ];
}

function spectrumRows(h: HessianNumbers): Row[] {
  const approximately = h.exact ? "" : "≈ ";
  const count = (n: number): string | number => (Number.isNaN(n) ? NaN : `${approximately}${n}`);
  const spread = h.traceStandardError > 0 ? ` ± ${sixDigits(h.traceStandardError)}` : "";
  return [
    ["λmax", h.lambdaMax],
    ["λmin", h.lambdaMin],
    ["λ < −τ", count(h.negative)],
    ["|λ| ≤ τ", count(h.zero)],
    ["λ > τ", count(h.positive)],
    ["τ", h.tolerance],
    [h.exact ? "κ = max|λ| / min|λ|" : "κ at least", h.kappa],
    [h.exact ? "κ over |λ| > τ" : "κ over |λ| > τ at least", h.effectiveKappa],
    ["trace", Number.isNaN(h.trace) ? NaN : `${sixDigits(h.trace)}${spread}`],
    ["‖H‖F", h.frobenius],
    ...(h.ggn === undefined
      ? []
      : ([
          ["Gauss–Newton λmax", h.ggn.lambdaMax],
          ["Gauss–Newton trace", h.ggn.trace],
          ["Gauss–Newton share ‖G‖F / ‖H‖F", h.ggn.share],
          ["left out ‖H − G‖F / ‖H‖F", h.ggn.rest],
        ] as Row[])),
  ];
}

function descentRows(h: HessianNumbers): Row[] {
  return [
    ["gradient descent breaks at ε = 2/λmax", h.maxLearningRate],
    ["best ε = 2/(λmax + λmin)", h.bestLearningRate],
    ["error then falls a step by (κ−1)/(κ+1)", h.rate],
  ];
}

function endsTable({ exact, eigenvalues, residuals }: HessianNumbers): ReportTable[] {
  if (exact || eigenvalues.length === 0) return [];
  const rows = eigenvalues
    .toReversed()
    .map((value, i) => [i + 1, value, residuals[residuals.length - 1 - i]]);
  return [{ title: "Eigenvalues at both ends", columns: ["", "λ", "‖Hv − λv‖"], rows }];
}

function blockTable({ blocks, exact }: HessianNumbers): ReportTable[] {
  if (blocks.length === 0) return [];
  const columns = ["block", "parameters", exact ? "λmax" : "λmax at least", exact ? "trace" : "trace ≈"];
  const rows = blocks.map(({ name, size, lambdaMax, trace }) => [
    name,
    size,
    Number.isNaN(lambdaMax) ? "" : lambdaMax,
    Number.isNaN(trace) ? "" : trace,
  ]);
  return [{ title: "Blocks on the diagonal", columns, rows }];
}

function methodRows(h: HessianNumbers): Row[] {
  const precision = h.precision === "float64" ? "float64 on cpu" : "float32";
  return [
    ["method", h.exact ? `all of H, ${precision}` : `Hessian-vector products, ${precision}`],
    [h.exact ? "largest ‖Hv − λv‖" : "largest Ritz residual", Math.max(...h.residuals)],
    ["converged", h.converged ? "yes" : "no"],
    [h.exact ? "symmetry error max|H − Hᵀ|" : "symmetry error |uᵀHv − vᵀHu| / ‖u‖‖Hv‖", h.symmetryError],
    ["Hessian-vector products", h.matvecs],
    ["seed", h.exact ? "none" : h.seed],
    ["samples", h.exact ? "none" : h.samples],
    ["batch norm and dropout", "in the mode in which f calls them"],
  ];
}
