import { describe, expect, test } from 'vitest';
import type { Group, KeyStatus, KeyView } from '../../api/access_types.ts';
import { lineOf, visibleNodes, type TreeNode } from './key_tree.ts';

const group = (path: string) => ({ path }) as Group;
const key = (name: string, path: string | null, status: KeyStatus = 'active') =>
  ({ status, key: { id: `id-${name}`, name, group: path } }) as KeyView;
const kOptions = { folded: new Set<string>(), text: '', showEnded: false };

const drawn = (nodes: TreeNode[]) =>
  nodes.map((node) => `${'  '.repeat(node.depth)}${node.kind === 'group' ? `${node.name}/` : node.name}`);

describe('the tree of groups and keys', () => {
  const groups = [group('acme/search'), group('beta')];
  const keys = [
    key('bot 10', 'acme/search'),
    key('bot 9', 'acme/search'),
    key('ci', null),
    key('old', 'acme', 'revoked'),
  ];

  test('nests by path, sorts as people count, and shows parents that have no row of their own', () => {
    const nodes = visibleNodes(groups, keys, kOptions);
    expect(drawn(nodes)).toEqual(['acme/', '  search/', '    bot 9', '    bot 10', 'beta/', 'ci']);
    expect(nodes.find(({ id }) => id === 'group:acme')).toMatchObject({ group: null, keys: 2, isOpen: true });
    expect(nodes.find(({ id }) => id === 'group:beta')).toMatchObject({ isOpen: null, keys: 0 });
  });

  test('folds, and shows ended keys when asked', () => {
    const folded = new Set(['acme/search']);
    expect(drawn(visibleNodes(groups, keys, { ...kOptions, folded, showEnded: true }))).toEqual([
      'acme/',
      '  search/',
      '  old',
      'beta/',
      'ci',
    ]);
  });

  test('keeps what is found with the groups above it, also folded ones', () => {
    const folded = new Set(['acme']);
    expect(drawn(visibleNodes(groups, keys, { ...kOptions, folded, text: 'BOT 9' }))).toEqual([
      'acme/',
      '  search/',
      '    bot 9',
    ]);
    expect(visibleNodes(groups, keys, { ...kOptions, text: 'nothing' })).toEqual([]);
  });
});

test('a group stands below those whose path begins its own', () => {
  expect(lineOf('acme/search/eu')).toEqual(['acme', 'acme/search', 'acme/search/eu']);
  expect(lineOf('')).toEqual([]);
});
