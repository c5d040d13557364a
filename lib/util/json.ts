/** JSON that comes from elsewhere. */

/** Levels that a text may nest: more than anyone writes, and few enough to visit the value by recursion. */
const deepest = 512;

/**
 * As JSON.parse, but throws an Error as well where the text nests deeper than 512 levels, and with `distinct` where an
 * object has one name twice, of which JSON.parse keeps the last.
 */
export function parseJson(text: string, { distinct = false } = {}): unknown {
  const value = JSON.parse(text) as unknown;
  checkNesting(text, distinct);
  return value;
}

function checkNesting(text: string, distinct: boolean): void {
  const open: Set<string>[] = [];
  let latest = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (distinct) latest = text.slice(at, end);
      at = end - 1;
    } else if (character === "{" || character === "[") {
      if (open.push(new Set()) > deepest) throw new Error(`it nests deeper than ${deepest} levels`);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === ":" && distinct) note(open.at(-1)!, JSON.parse(latest) as string);
  }
}

function note(names: Set<string>, name: string): void {
  if (names.has(name)) throw new Error(`the name ${JSON.stringify(name)} stands twice in one object`);
  names.add(name);
}

/** The place behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}
