import { version } from "../version";

/** The content of kernel_info_reply. */
export const kernelInfo = {
  status: "ok",
  protocol_version: "5.5",
  implementation: "saddle",
  implementation_version: version,
  language_info: {
    name: "typescript",
    version: "5.0.4",
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    codemirror_mode: { name: "javascript", typescript: true },
    nbconvert_exporter: "script",
  },
  banner: `Saddle ${version}: TypeScript with differentiable tensors on the GPU. %lsmagic lists the magics.`,
  help_links: [],
  debugger: true,
  supported_features: ["debugger", "kernel subshells"],
};
