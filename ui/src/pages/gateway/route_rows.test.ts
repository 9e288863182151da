import { describe, expect, test } from 'vitest';
import type { Gateway, GatewayRoute, GatewayTarget } from '../../api/gateway_types.ts';
import { healthOf, ratesBetween, routeHealth, routeTraffic, rowsOf } from './route_rows.ts';

const target = (id: string, part: Partial<GatewayTarget> = {}): GatewayTarget => ({
  id,
  provider: 'openai',
  model: null,
  weight: 1,
  share: null,
  unwell: false,
  breaker: { state: 'closed', until_us: null },
  in_flight: 0,
  calls: 10,
  errors: 1,
  ttft_ms: { mean: null, p95: null },
  ...part,
});
const gatewayOf = (targets: GatewayTarget[]): Gateway => ({
  loaded_at_us: 0,
  providers: [],
  routes: [{ name: 'chat', strategy: 'weighted', engine: false, targets, fallback: kNoFallback }],
});
const kNoFallback = { default: [], context_window: [], content_policy: [] };
const routeOf = (targets: GatewayTarget[]) => gatewayOf(targets).routes[0] as GatewayRoute;

describe('the table of routes', () => {
  test('shows targets below their route, unless it is folded', () => {
    const gateway = gatewayOf([target('a'), target('b')]);
    const ids = (folded: string[]) => rowsOf(gateway, new Map(), new Set(folded)).map(({ id }) => id);
    expect(ids([])).toEqual(['chat', 'chat a', 'chat b']);
    expect(ids(['chat'])).toEqual(['chat']);
  });

  test('adds up a route from its targets', () => {
    expect(routeTraffic(routeOf([target('a', { in_flight: 2 }), target('b', { calls: 5 })]))).toEqual({
      calls: 15,
      errors: 2,
      in_flight: 2,
    });
  });
});

describe('rates', () => {
  const look = (atMs: number, calls: number) => ({ atMs, gateway: gatewayOf([target('a', { calls })]) });

  test('come from two looks; one look, or a server that began anew, tells none', () => {
    expect(ratesBetween(look(1000, 10), look(3000, 50)).get('chat a')).toBe(20);
    expect(ratesBetween(null, look(3000, 50)).size).toBe(0);
    expect(ratesBetween(look(1000, 50), look(3000, 0)).size).toBe(0);
    expect(ratesBetween(look(3000, 10), look(3000, 50)).size).toBe(0);
  });
});

describe('health', () => {
  const open = target('a', { breaker: { state: 'open', until_us: 5 } });

  test('names the worst first', () => {
    expect(healthOf({ ...open, unwell: true }).word).toBe('open');
    expect(healthOf(target('a', { breaker: { state: 'half_open', until_us: null } })).word).toBe('probing');
    expect(healthOf(target('a', { unwell: true })).word).toBe('unwell');
    expect(healthOf(target('a', { calls: 0 })).word).toBe('idle');
    expect(healthOf(target('a')).word).toBe('healthy');
  });

  test('of a route is bad only when nothing is left to answer', () => {
    expect(routeHealth(routeOf([open, target('b')]))).toEqual({ tone: 'warn', word: '1 of 2 healthy' });
    expect(routeHealth(routeOf([open]))).toEqual({ tone: 'bad', word: '0 of 1 healthy' });
    expect(routeHealth(routeOf([target('a'), target('b', { calls: 0 })])).tone).toBe('good');
    expect(routeHealth(routeOf([target('a', { calls: 0 })])).word).toBe('idle');
  });
});
