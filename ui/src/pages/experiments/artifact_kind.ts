/** How an artifact is shown, by its name. */
export type ArtifactKind = 'image' | 'table' | 'text' | 'other';

const kImages = ['png', 'jpg', 'jpeg', 'gif', 'webp', 'bmp', 'ico', 'svg'];
const kTexts = [
  'txt',
  'log',
  'md',
  'json',
  'jsonl',
  'yaml',
  'yml',
  'py',
  'toml',
  'ini',
  'cfg',
  'sh',
  'xml',
  'html',
  'sql',
  'ts',
  'js',
];
const kTextNames = ['MLmodel', 'Dockerfile', 'LICENSE', 'README'];

export function artifactKind(path: string, text?: string): ArtifactKind {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (kImages.includes(extension)) return 'image';
  if (extension === 'csv' || extension === 'tsv') return 'table';
  if (extension === 'json' && text !== undefined && splitOriented(text) !== null) return 'table';
  if (kTexts.includes(extension) || kTextNames.includes(name)) return 'text';
  return 'other';
}

export interface Table {
  columns: string[];
  rows: string[][];
}

/** What `mlflow.log_table` writes: {"columns": [...], "data": [[...]]} (pandas' orient="split"). */
export function splitOriented(text: string): Table | null {
  try {
    const value = JSON.parse(text) as { columns?: unknown; data?: unknown };
    const isTable =
      Array.isArray(value.columns) &&
      Array.isArray(value.data) &&
      value.data.every((row) => Array.isArray(row));
    if (!isTable) return null;
    return {
      columns: (value.columns as unknown[]).map(String),
      rows: (value.data as unknown[][]).map((row) => row.map(cellText)),
    };
  } catch {
    return null;
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Comma- or tab-separated text by RFC 4180: quoted fields may hold separators, quotes (doubled) and line ends. */
export function separated(text: string, separator: string): Table {
  const records: string[][] = [[]];
  let field = '';
  let isQuoted = false;
  const endField = () => {
    records.at(-1)?.push(field);
    field = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at] ?? '';
    if (isQuoted) {
      if (c !== '"') field += c;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (c === '"' && field === '') isQuoted = true;
    else if (c === separator) endField();
    else if (c === '\n') {
      endField();
      records.push([]);
    } else if (c !== '\r') field += c;
  }
  if (field !== '' || (records.at(-1)?.length ?? 0) > 0) endField();
  else records.pop();
  const [columns = [], ...rows] = records;
  return { columns, rows };
}
