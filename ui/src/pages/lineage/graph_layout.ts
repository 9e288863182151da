import type { LineageEdge, LineageNode } from '../../api/registry_queries.ts';

/** A layered drawing from left to right (Sugiyama, Tagawa, Toda 1981): layers by longest path, order by barycentres. */

export interface PlacedNode extends LineageNode {
  x: number;
  y: number;
  layer: number;
}

export interface PlacedEdge extends LineageEdge {
  path: string;
}

export interface Layout {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

export const kNodeWidth = 190;
export const kNodeHeight = 40;
const kLayerGap = 76;
const kRowGap = 14;
const kMargin = 16;
const kSweeps = 6;

/** `from` is what `to` was made of, so it stands further left. Cycles are cut where they close. */
export function layOut(nodes: LineageNode[], edges: LineageEdge[]): Layout {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const kept = edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
  const layers = layersOf(nodes, kept);
  const rows = orderedRows(nodes, kept, layers);
  const tallest = Math.max(1, ...rows.map((row) => row.length));
  const height = tallest * (kNodeHeight + kRowGap) - kRowGap + 2 * kMargin;
  const places = new Map<string, PlacedNode>();
  for (const [layer, row] of rows.entries()) {
    const used = row.length * (kNodeHeight + kRowGap) - kRowGap;
    for (const [index, id] of row.entries()) {
      const node = known.get(id);
      if (!node) continue;
      places.set(id, {
        ...node,
        layer,
        x: kMargin + layer * (kNodeWidth + kLayerGap),
        y: (height - used) / 2 + index * (kNodeHeight + kRowGap),
      });
    }
  }
  return {
    nodes: [...places.values()],
    edges: kept.map((edge) => ({ ...edge, path: pathOf(places.get(edge.from), places.get(edge.to)) })),
    width: 2 * kMargin + rows.length * (kNodeWidth + kLayerGap) - kLayerGap,
    height,
  };
}

/**
 * The length of the longest path that ends at each node; an edge back into its own path counts for nothing. What is
 * made of nothing stands beside its first user.
 */
function layersOf(nodes: LineageNode[], edges: LineageEdge[]): Map<string, number> {
  const sources = new Map<string, string[]>();
  for (const { from, to } of edges) sources.set(to, [...(sources.get(to) ?? []), from]);
  const layers = new Map<string, number>();
  for (const { id } of nodes) visit(id, sources, layers);
  for (const { id } of nodes) {
    if (sources.has(id)) continue;
    const users = edges.filter(({ from }) => from === id).map(({ to }) => layers.get(to) ?? 0);
    if (users.length > 0) layers.set(id, Math.max(0, Math.min(...users) - 1));
  }
  return layers;
}

/** Without recursion: a chain may be as long as the graph. */
function visit(start: string, sources: Map<string, string[]>, layers: Map<string, number>): void {
  const stack = [{ id: start, isLeaving: false }];
  const entered = new Set<string>();
  while (stack.length > 0) {
    const { id, isLeaving } = stack.pop() ?? { id: '', isLeaving: true };
    if (layers.has(id)) continue;
    const above = sources.get(id) ?? [];
    if (isLeaving) {
      layers.set(id, Math.max(-1, ...above.map((one) => layers.get(one) ?? -1)) + 1);
      continue;
    }
    if (entered.has(id)) continue;
    entered.add(id);
    stack.push({ id, isLeaving: true });
    for (const one of above)
      if (!layers.has(one) && !entered.has(one)) stack.push({ id: one, isLeaving: false });
  }
}

function orderedRows(nodes: LineageNode[], edges: LineageEdge[], layers: Map<string, number>): string[][] {
  const byLayer = new Map<number, string[]>();
  for (const { id } of nodes) {
    const layer = layers.get(id) ?? 0;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), id]);
  }
  // A layer whose nodes all went to their users is none.
  const rows = [...byLayer].sort(([a], [b]) => a - b).map(([, row]) => row);
  const neighbours = { left: new Map<string, string[]>(), right: new Map<string, string[]>() };
  for (const { from, to } of edges) {
    neighbours.left.set(to, [...(neighbours.left.get(to) ?? []), from]);
    neighbours.right.set(from, [...(neighbours.right.get(from) ?? []), to]);
  }
  for (let sweep = 0; sweep < kSweeps; sweep += 1) {
    const side = sweep % 2 === 0 ? neighbours.left : neighbours.right;
    const place = new Map(rows.flatMap((row) => row.map((id, index) => [id, index / row.length] as const)));
    for (const row of rows) {
      const weight = new Map(row.map((id) => [id, barycentre(side.get(id), place) ?? place.get(id) ?? 0]));
      row.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
    }
  }
  return rows;
}

function barycentre(ids: string[] | undefined, place: Map<string, number>): number | null {
  if (!ids || ids.length === 0) return null;
  return ids.reduce((sum, id) => sum + (place.get(id) ?? 0), 0) / ids.length;
}

function pathOf(from: PlacedNode | undefined, to: PlacedNode | undefined): string {
  if (!from || !to) return '';
  const [x1, y1] = [from.x + kNodeWidth, from.y + kNodeHeight / 2];
  const [x2, y2] = [to.x, to.y + kNodeHeight / 2];
  const bend = Math.max(30, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
