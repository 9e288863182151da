import { describe, expect, test } from 'vitest';
import { layOut } from './graph_layout.ts';

const node = (id: string) => ({ id, type: 'run', name: id });
const edge = (from: string, to: string) => ({ from, to, role: 'made', at_us: 0 });

describe('the drawing of a lineage graph', () => {
  test('goes from left to right by the longest way', () => {
    const layout = layOut(['c', 'a', 'b'].map(node), [edge('a', 'b'), edge('b', 'c'), edge('a', 'c')]);
    const x = (id: string) => layout.nodes.find((one) => one.id === id)?.x ?? NaN;
    expect(x('a')).toBeLessThan(x('b'));
    expect(x('b')).toBeLessThan(x('c'));
    expect(layout.edges).toHaveLength(3);
  });

  test('puts what is made of nothing beside its first user, and leaves no empty layer', () => {
    const layout = layOut(['a', 'b', 'c', 'late'].map(node), [
      edge('a', 'b'),
      edge('b', 'c'),
      edge('late', 'c'),
    ]);
    const layer = (id: string) => layout.nodes.find((one) => one.id === id)?.layer;
    expect([layer('a'), layer('late'), layer('b'), layer('c')]).toEqual([0, 1, 1, 2]);
  });

  test('ends in spite of cycles, loops and edges to nowhere', () => {
    const layout = layOut(['a', 'b'].map(node), [
      edge('a', 'b'),
      edge('b', 'a'),
      edge('a', 'a'),
      edge('b', 'elsewhere'),
    ]);
    expect(layout.nodes).toHaveLength(2);
    expect(layout.edges.map(({ from, to }) => from + to)).toEqual(['ab', 'ba']);
  });

  test('keeps 500 nodes apart, and neighbours near each other', () => {
    const nodes = Array.from({ length: 500 }, (_, index) => node(`n${index}`));
    const edges = nodes.slice(1).map(({ id }, index) => edge(`n${Math.floor(index / 3)}`, id));
    const layout = layOut(nodes, edges);
    const places = new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`));
    expect(places.size).toBe(500);
    expect(layOut(nodes, edges)).toEqual(layout);
  });

  test('a chain of thousands does not exhaust the stack', () => {
    const nodes = Array.from({ length: 5_000 }, (_, index) => node(`n${index}`)).reverse();
    const edges = nodes.slice(1).map((_, index) => edge(`n${index}`, `n${index + 1}`));
    expect(Math.max(...layOut(nodes, edges).nodes.map(({ layer }) => layer))).toBe(4_999);
  });
});
