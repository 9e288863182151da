/** What servers and documents differ in: unified diffs read, JSON documents compared field by field. */

export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'gap';
  /** Of a gap: what stood in the hunk's head. */
  text: string;
  /** Line numbers, from 1; null on the side that lacks the line. */
  before: number | null;
  after: number | null;
}

/** The lines of a unified diff (POSIX diff -u); a gap stands for the equal lines between two hunks. */
export function parseUnified(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  for (const text of diff.replace(/\n$/, '').split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text);
    if (hunk) {
      if (lines.length > 0) lines.push({ kind: 'gap', text, before: null, after: null });
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      continue;
    }
    // The names of the two sides, and "no newline at the end", come before any hunk or say nothing about lines.
    if (before === 0 && after === 0) continue;
    if (text.startsWith('+'))
      lines.push({ kind: 'added', text: text.slice(1), before: null, after: after++ });
    else if (text.startsWith('-'))
      lines.push({ kind: 'removed', text: text.slice(1), before: before++, after: null });
    else if (text.startsWith(' ') || text === '')
      lines.push({ kind: 'same', text: text.slice(1), before: before++, after: after++ });
  }
  return lines;
}

export interface FieldChange {
  path: string;
  /** As JSON; null: not there. */
  before: string | null;
  after: string | null;
}

/** What differs between two JSON documents, by path. A document that is null has no field. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const old = flatten(before);
  const fresh = flatten(after);
  const paths = [...new Set([...old.keys(), ...fresh.keys()])];
  return paths
    .map((path) => ({ path, before: old.get(path) ?? null, after: fresh.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
}

function flatten(value: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  const visit = (path: string, node: unknown): void => {
    const isBranch = typeof node === 'object' && node !== null && Object.keys(node).length > 0;
    if (!isBranch) {
      if (path !== '' || node !== null) fields.set(path, JSON.stringify(node));
      return;
    }
    for (const [name, child] of Object.entries(node)) {
      const place = Array.isArray(node) ? `${path}[${name}]` : path ? `${path}.${name}` : name;
      visit(place, child);
    }
  };
  if (value !== undefined) visit('', value);
  return fields;
}
