import type { LineageNode } from '../../api/registry_queries.ts';

/** The page about a node; null where there is none. */
export function pageOf({ id }: Pick<LineageNode, 'id'>): string | null {
  const [, kind, name, number] = /^version:(model|prompt)\/(.+)\/(\d+)$/.exec(id) ?? [];
  if (kind && name && number) return `/${kind}s/${encodeURIComponent(name)}/${number}`;
  const [, request] = /^request:(.+)$/.exec(id) ?? [];
  return request ? `/requests/${encodeURIComponent(request)}` : null;
}
