/** What Dawn writes when it opens an adapter, about limits that nobody asked to raise; no flag of its silences it. */
const chatter =
  /^Warning: maxDynamic(?:Uniform|Storage)BuffersPerPipelineLayout artificially reduced from \d+ to \d+ .*\n/gm;

/** The text of a stream without what a driver says that no cell caused. */
export function withoutChatter(text: string): string {
  return text.replace(chatter, "");
}
