export interface Block {
  kind: 'text' | 'code';
  text: string;
  language: string;
}

/** Cuts at Markdown code fences (CommonMark 0.31, section 4.5); a fence still open, as in a stream, runs to the end. */
export function splitMessage(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let fence: { marker: string; language: string } | null = null;
  const close = (kind: Block['kind'], language: string) => {
    const body = lines.join('\n');
    if (kind === 'code' || body.trim()) {
      blocks.push({ kind, text: kind === 'code' ? body : body.replace(/^\n+|\n+$/g, ''), language });
    }
    lines = [];
  };
  for (const line of text.split('\n')) {
    const opening = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)/.exec(line);
    if (fence === null && opening) {
      close('text', '');
      fence = { marker: opening[1] ?? '```', language: opening[2] ?? '' };
    } else if (fence !== null && line.trim() === fence.marker) {
      close('code', fence.language);
      fence = null;
    } else {
      lines.push(line);
    }
  }
  if (fence !== null) close('code', fence.language);
  else close('text', '');
  return blocks;
}

export interface Span {
  kind: 'plain' | 'code' | 'bold';
  text: string;
}

/** `code` and **bold** inside a line; everything else stays as written. */
export function splitSpans(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`\n]+)`|\*\*([^*\n]+)\*\*/g)) {
    if (match.index > from) spans.push({ kind: 'plain', text: text.slice(from, match.index) });
    spans.push(
      match[1] === undefined ? { kind: 'bold', text: match[2] ?? '' } : { kind: 'code', text: match[1] },
    );
    from = match.index + match[0].length;
  }
  if (from < text.length) spans.push({ kind: 'plain', text: text.slice(from) });
  return spans;
}
