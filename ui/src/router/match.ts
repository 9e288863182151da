/** Matches '/requests/:id?' style patterns; null when the path is another one. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = segmentsOf(pattern);
  const given = segmentsOf(path);
  if (given.length > wanted.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    if (!segment.startsWith(':')) {
      if (segment !== value) return null;
      continue;
    }
    if (value !== undefined) parameters[segment.replace(/^:|\?$/g, '')] = decodeURIComponent(value);
    else if (!segment.endsWith('?')) return null;
  }
  return parameters;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

export type SearchPatch = Record<string, string | number | null>;

/** The query string with some parameters set and the empty ones gone, in a stable order. */
export function patchSearch(search: string, patch: SearchPatch): string {
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === '') parameters.delete(name);
    else parameters.set(name, String(value));
  }
  parameters.sort();
  const text = parameters.toString();
  return text ? `?${text}` : '';
}
