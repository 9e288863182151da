/** Differences between texts, line by line, and between JSON documents, field by field. */

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  /** Line numbers, from 1; null on the side that lacks the line. */
  before: number | null;
  after: number | null;
}

/** More changed lines than this are shown as one block removed and one added: the table below grows with the square. */
const kChangedLinesMax = 2_000;

/** The shortest edit from one text to another (longest common subsequence), equal ends taken off first. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  )
    tail += 1;
  const same = (from: number, count: number, shift: number): DiffLine[] =>
    old.slice(from, from + count).map((text, index) => ({
      kind: 'same',
      text,
      before: from + index + 1,
      after: from + index + 1 + shift,
    }));
  const middle = diffMiddle(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail), head);
  return [...same(0, head, 0), ...middle, ...same(old.length - tail, tail, fresh.length - old.length)];
}

function diffMiddle(old: string[], fresh: string[], offset: number): DiffLine[] {
  const removed = (index: number): DiffLine => ({
    kind: 'removed',
    text: old[index] ?? '',
    before: offset + index + 1,
    after: null,
  });
  const added = (index: number): DiffLine => ({
    kind: 'added',
    text: fresh[index] ?? '',
    before: null,
    after: offset + index + 1,
  });
  if (old.length > kChangedLinesMax || fresh.length > kChangedLinesMax)
    return [...old.map((_, index) => removed(index)), ...fresh.map((_, index) => added(index))];
  const common = commonLengths(old, fresh);
  const at = (row: number, column: number) => common[row * (fresh.length + 1) + column] ?? 0;
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < fresh.length) {
    if (row < old.length && column < fresh.length && old[row] === fresh[column]) {
      lines.push({
        kind: 'same',
        text: old[row] ?? '',
        before: offset + row + 1,
        after: offset + column + 1,
      });
      row += 1;
      column += 1;
    } else if (column >= fresh.length || (row < old.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(removed(row));
      row += 1;
    } else {
      lines.push(added(column));
      column += 1;
    }
  }
  return lines;
}

/** The length of the longest common subsequence of every pair of suffixes. */
function commonLengths(old: string[], fresh: string[]): Uint16Array {
  const width = fresh.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = fresh.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        old[row] === fresh[column]
          ? (lengths[(row + 1) * width + column + 1] ?? 0) + 1
          : Math.max(lengths[(row + 1) * width + column] ?? 0, lengths[row * width + column + 1] ?? 0);
    }
  }
  return lengths;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** Runs of equal lines longer than twice the context are folded to a count. */
export type DiffBlock = { kind: 'lines'; lines: DiffLine[] } | { kind: 'folded'; count: number };

export function foldDiff(lines: DiffLine[], context = 3): DiffBlock[] {
  const near = lines.map(() => false);
  for (const [index, line] of lines.entries()) {
    if (line.kind === 'same') continue;
    for (let at = Math.max(0, index - context); at <= Math.min(lines.length - 1, index + context); at += 1)
      near[at] = true;
  }
  const blocks: DiffBlock[] = [];
  for (const [index, line] of lines.entries()) {
    const last = blocks.at(-1);
    if (near[index]) {
      if (last?.kind === 'lines') last.lines.push(line);
      else blocks.push({ kind: 'lines', lines: [line] });
    } else if (last?.kind === 'folded') last.count += 1;
    else blocks.push({ kind: 'folded', count: 1 });
  }
  return blocks;
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
