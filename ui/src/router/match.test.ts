import { describe, expect, test } from 'vitest';
import { matchPath, patchSearch } from './match.ts';

describe('a path pattern', () => {
  test.each([
    ['/', '/', {}],
    ['/', '/requests', null],
    ['/requests/:id?', '/requests', {}],
    ['/requests/:id?', '/requests/', {}],
    ['/requests/:id?', '/requests/a%2Fb', { id: 'a/b' }],
    ['/requests/:id?', '/requests/a/b', null],
    ['/runs/:id', '/runs', null],
    ['/playground', '/requests', null],
  ])('%s against %s', (pattern, path, parameters) => expect(matchPath(pattern, path)).toEqual(parameters));
});

describe('the query string', () => {
  test('changes what is named, drops what is empty, keeps the rest in a stable order', () => {
    expect(patchSearch('?b=2&a=1', { c: 3, a: null })).toBe('?b=2&c=3');
    expect(patchSearch('?a=1', { a: '' })).toBe('');
    expect(patchSearch('', { z: 'x y', a: '&' })).toBe('?a=%26&z=x+y');
  });
});
