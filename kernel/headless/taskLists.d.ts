declare module "@hackmd/markdown-it-task-lists" {
  import type MarkdownIt from "markdown-it";

  const taskLists: MarkdownIt.PluginSimple;
  export = taskLists;
}
