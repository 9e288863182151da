import type { Group, KeyView } from '../../api/access_types.ts';

/** A line of the tree of groups and keys. */
export type TreeNode =
  | {
      kind: 'group';
      id: string;
      name: string;
      depth: number;
      path: string;
      /** Null: only groups below it exist, so that it has neither limits nor a budget. */
      group: Group | null;
      /** Null: nothing stands below it. */
      isOpen: boolean | null;
      keys: number;
    }
  | { kind: 'key'; id: string; name: string; depth: number; view: KeyView };

export interface TreeOptions {
  folded: ReadonlySet<string>;
  /** Keys whose name, id or group has this text, and the groups above them. */
  text: string;
  showEnded: boolean;
}

interface Branch {
  path: string;
  children: Map<string, Branch>;
  keys: KeyView[];
}

/** The visible lines: groups by name, then keys by name; keys without a group stand last, on top level. */
export function visibleNodes(groups: Group[], keys: KeyView[], options: TreeOptions): TreeNode[] {
  const text = options.text.trim().toLowerCase();
  const shown = keys.filter(
    ({ status, key }) =>
      (options.showEnded || status === 'active') &&
      (!text || `${key.name} ${key.id} ${key.group ?? ''}`.toLowerCase().includes(text)),
  );
  const root: Branch = { path: '', children: new Map(), keys: [] };
  const known = new Map(groups.map((group) => [group.path, group]));
  for (const { path } of groups) if (!text || path.toLowerCase().includes(text)) branchAt(root, path);
  for (const view of shown) branchAt(root, view.key.group ?? '').keys.push(view);
  const nodes: TreeNode[] = [];
  const visit = (branch: Branch, depth: number): void => {
    for (const child of sorted([...branch.children.values()], ({ path }) => path)) {
      const isEmpty = child.children.size + child.keys.length === 0;
      const isOpen = isEmpty ? null : text !== '' || !options.folded.has(child.path);
      nodes.push({
        kind: 'group',
        id: `group:${child.path}`,
        name: child.path.split('/').at(-1) ?? child.path,
        depth,
        path: child.path,
        group: known.get(child.path) ?? null,
        isOpen,
        keys: countKeys(child),
      });
      if (isOpen) visit(child, depth + 1);
    }
    for (const view of sorted(branch.keys, ({ key }) => key.name)) {
      nodes.push({ kind: 'key', id: `key:${view.key.id}`, name: view.key.name, depth, view });
    }
  };
  visit(root, 0);
  return nodes;
}

function branchAt(root: Branch, path: string): Branch {
  let branch = root;
  const segments = path.split('/').filter(Boolean);
  for (const [index, segment] of segments.entries()) {
    const child = branch.children.get(segment) ?? {
      path: segments.slice(0, index + 1).join('/'),
      children: new Map<string, Branch>(),
      keys: [],
    };
    branch.children.set(segment, child);
    branch = child;
  }
  return branch;
}

function countKeys(branch: Branch): number {
  return [...branch.children.values()].reduce((sum, child) => sum + countKeys(child), branch.keys.length);
}

function sorted<T>(items: T[], name: (item: T) => string): T[] {
  return items.toSorted((left, right) => name(left).localeCompare(name(right), 'en', { numeric: true }));
}

/** A group and those above it, the root first: all of them must admit. */
export function lineOf(path: string): string[] {
  const segments = path.split('/').filter(Boolean);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Where a node is open. */
export function hrefOf(node: TreeNode): string {
  return node.kind === 'key' ? hrefOfKey(node.view.key.id) : hrefOfGroup(node.path);
}

export function hrefOfKey(id: string): string {
  return `/keys/key/${encodeURIComponent(id)}`;
}

export function hrefOfGroup(path: string): string {
  return `/keys/group/${encodeURIComponent(path)}`;
}
