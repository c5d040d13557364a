import type { ReportTable } from "../../viz";
import { sixDigits } from "../../viz/values";
import type { HessianNumbers } from "./numbers";

type Row = readonly [string, string | number];

/** The tables of a report; what is not known has no row. */
export function hessianTables(h: HessianNumbers): ReportTable[] {
  if (h.eigenvalues.length === 0) return [{ rows: pointRows(h) }];
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
  const index =
    h.kind === "saddle" ? ` of index ${h.countErrors.negative === 0 ? "" : "at least "}${h.index}` : "";
  return [
    ["parameters n", h.n],
    ["loss", Number.isNaN(h.loss) ? "NaN" : h.loss],
    ["‖g‖", h.gradNorm],
    ["verdict", `${h.kind}${index}: ${h.reason}`],
  ];
}

function spectrumRows(h: HessianNumbers): Row[] {
  const withError = (value: string, error: number): string =>
    error > 0 ? `${value} ± ${sixDigits(error)}` : value;
  const count = (sign: "negative" | "zero" | "positive"): string | number =>
    Number.isNaN(h[sign]) ? NaN : withError(String(h[sign]), Math.ceil(h.countErrors[sign]));
  return [
    ["λmax", h.lambdaMax],
    ["λmin", h.lambdaMin],
    ["λ < −τ", count("negative")],
    ["|λ| ≤ τ", count("zero")],
    ["λ > τ", count("positive")],
    ["τ", h.tolerance],
    ["κ = max|λ| / min|λ|", h.kappa],
    ["κ over |λ| > τ", h.effectiveKappa],
    ["κ at least", Number.isNaN(h.kappa) ? h.kappaAtLeast : NaN],
    ["κ over |λ| > τ at least", Number.isNaN(h.kappa) ? h.effectiveAtLeast : NaN],
    ["trace", Number.isNaN(h.trace) ? NaN : withError(sixDigits(h.trace), h.traceStandardError)],
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
