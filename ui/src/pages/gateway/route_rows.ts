import type { Gateway, GatewayRoute, GatewayTarget } from '../../api/gateway_types.ts';
import type { Tone } from '../../components/status.tsx';

/** A line of the table of routes: a route, and below it each target. */
export type RouteRow =
  | { kind: 'route'; id: string; route: GatewayRoute; isOpen: boolean; rate: number | null }
  | { kind: 'target'; id: string; route: GatewayRoute; target: GatewayTarget; rate: number | null };

export interface Traffic {
  calls: number;
  errors: number;
  in_flight: number;
}

export function trafficOf(row: RouteRow): Traffic {
  return row.kind === 'target' ? row.target : routeTraffic(row.route);
}

export function routeTraffic({ targets }: GatewayRoute): Traffic {
  const sum = (name: keyof Traffic) => targets.reduce((total, target) => total + target[name], 0);
  return { calls: sum('calls'), errors: sum('errors'), in_flight: sum('in_flight') };
}

/** Two looks at the counters and the time between them give the rate now. */
export interface Look {
  atMs: number;
  gateway: Gateway;
}

/** Calls per second of each target between two looks, by "route target"; counters that went back began anew. */
export function ratesBetween(before: Look | null, now: Look): Map<string, number> {
  const rates = new Map<string, number>();
  if (!before || now.atMs <= before.atMs) return rates;
  const counts = countsOf(before.gateway);
  for (const [id, calls] of countsOf(now.gateway)) {
    const earlier = counts.get(id);
    if (earlier === undefined || calls < earlier) continue;
    rates.set(id, ((calls - earlier) * 1000) / (now.atMs - before.atMs));
  }
  return rates;
}

function countsOf(gateway: Gateway): Map<string, number> {
  return new Map(
    gateway.routes.flatMap((route) =>
      route.targets.map((target) => [targetId(route, target), target.calls] as const),
    ),
  );
}

const targetId = (route: GatewayRoute, target: GatewayTarget) => `${route.name} ${target.id}`;

export function rowsOf(
  gateway: Gateway,
  rates: ReadonlyMap<string, number>,
  folded: ReadonlySet<string>,
): RouteRow[] {
  return gateway.routes.flatMap((route): RouteRow[] => {
    const targets = route.targets.map((target): RouteRow => {
      const id = targetId(route, target);
      return { kind: 'target', id, route, target, rate: rates.get(id) ?? null };
    });
    const known = targets.flatMap(({ rate }) => rate ?? []);
    const rate = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : null;
    const isOpen = !folded.has(route.name);
    return [{ kind: 'route', id: route.name, route, isOpen, rate }, ...(isOpen ? targets : [])];
  });
}

/** A target's health in a word; `detail` says more on hover. */
export function healthOf(target: GatewayTarget): { tone: Tone; word: string; detail: string } {
  if (target.breaker.state === 'open')
    return { tone: 'bad', word: 'open', detail: 'Too many calls failed: the breaker lets none through.' };
  if (target.breaker.state === 'half_open')
    return { tone: 'warn', word: 'probing', detail: 'The breaker lets single calls through to try it.' };
  if (target.unwell)
    return { tone: 'warn', word: 'unwell', detail: "Its provider's health check fails: it comes last." };
  if (target.calls === 0) return { tone: 'calm', word: 'idle', detail: 'Nothing has been sent to it.' };
  return { tone: 'good', word: 'healthy', detail: 'The breaker is closed.' };
}

/** The worst that can be said of a route: one that can still answer is not down. */
export function routeHealth({ targets }: GatewayRoute): { tone: Tone; word: string } {
  const well = targets.filter((target) => ['good', 'calm'].includes(healthOf(target).tone)).length;
  if (targets.every((target) => healthOf(target).tone === 'calm')) return { tone: 'calm', word: 'idle' };
  if (well === targets.length) return { tone: 'good', word: 'healthy' };
  return { tone: well > 0 ? 'warn' : 'bad', word: `${well} of ${targets.length} healthy` };
}
