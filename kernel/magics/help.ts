import type { Magic } from "./magic";

/** A magic's help, in Markdown. */
export function helpOf({ name, summary, usage, options, example }: Magic): string {
  const lines = options.map(({ name: option, help }) => `- \`--${option}\` — ${help}`);
  const shown = example === undefined ? "" : `\`\`\`typescript\n${example}\n\`\`\``;
  return [`**%${name}** — ${summary}`, `\`${usage}\``, lines.join("\n"), shown]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** All magics, a line each, in Markdown. */
export function listOf(magics: readonly Magic[]): string {
  const lines = magics.map(({ name, summary, kinds }) => {
    const written = kinds.map((kind) => `\`${kind === "line" ? "%" : "%%"}${name}\``).join(", ");
    return `- ${written} — ${summary}`;
  });
  return ["**Magics** (`%help name` tells more)", lines.join("\n")].join("\n\n");
}
