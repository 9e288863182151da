import type { GatewayRoute, GatewayTarget } from '../../api/gateway_types.ts';
import { Amount } from '../../components/amount.tsx';
import { Fact, FactList, FactNumber, FactNumbers, Section } from '../../components/facts.tsx';
import { Detail } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount, formatDuration, formatPercent } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { kStrategies, whereOf } from './route_columns.tsx';
import { healthOf, routeHealth, routeTraffic } from './route_rows.ts';

export function RouteDetail({ route, onClose }: { route: GatewayRoute; onClose: () => void }) {
  const { tone, word } = routeHealth(route);
  const traffic = routeTraffic(route);
  const name = encodeURIComponent(route.name);
  return (
    <Detail
      label="Route"
      bodyLabel="Details of the route"
      title={<span className="clip">Route</span>}
      onClose={onClose}
    >
      <div className="detail-title">
        <h2 className="clip">{route.name}</h2>
        <Badge tone={tone}>{word}</Badge>
        <span className="soft">targets {kStrategies[route.strategy]}</span>
      </div>
      <FactNumbers>
        <FactNumber name="Calls">
          <Amount of={formatCount(traffic.calls)} />
        </FactNumber>
        <FactNumber name="Errors">
          <Amount of={formatCount(traffic.errors)} />
        </FactNumber>
        <FactNumber name="Error rate">
          <Amount of={formatPercent(traffic.errors, traffic.calls)} />
        </FactNumber>
        <FactNumber name="In flight">
          <Amount of={formatCount(traffic.in_flight)} />
        </FactNumber>
      </FactNumbers>
      {route.targets.map((target) => (
        <Target key={target.id} target={target} />
      ))}
      <Fallbacks fallback={route.fallback} />
      <Section title="What it did">
        <p className="route-links">
          <Link href={`/requests?model=${name}`}>Its requests</Link>
          <Link href={`/requests?model=${name}&status=error`}>Its errors</Link>
          <Link href="/cost?by=route">Cost of routes</Link>
        </p>
      </Section>
    </Detail>
  );
}

function Target({ target }: { target: GatewayTarget }) {
  const { tone, word, detail } = healthOf(target);
  return (
    <Section title={`Target ${target.id}`}>
      <FactList>
        <Fact name="Goes to">{whereOf(target)}</Fact>
        <Fact name="Health">
          <Badge tone={tone}>{word}</Badge>
          <span className="soft">{detail}</span>
          {target.breaker.until_us !== null && (
            <span className="soft">
              Next probe at <Time us={target.breaker.until_us} />.
            </span>
          )}
        </Fact>
        <Fact name="Weight">
          {target.weight}
          {target.share !== null && (
            <span className="soft">
              <Amount of={formatPercent(target.share, 1)} /> of the calls
            </span>
          )}
        </Fact>
        <Fact name="Calls">
          {formatCount(target.calls).value}
          <span className="soft">
            {formatCount(target.errors).value} failed, {formatCount(target.in_flight).value} in flight
          </span>
        </Fact>
        <Fact name="First token">
          <Amount of={formatDuration(target.ttft_ms.mean)} />
          {target.ttft_ms.p95 !== null && (
            <span className="soft">
              p95 <Amount of={formatDuration(target.ttft_ms.p95)} />
            </span>
          )}
        </Fact>
      </FactList>
    </Section>
  );
}

const kCauses = [
  ['default', 'When the targets fail'],
  ['context_window', 'When the input is too long'],
  ['content_policy', 'When a filter refuses'],
] as const;

function Fallbacks({ fallback }: { fallback: GatewayRoute['fallback'] }) {
  const causes = kCauses.filter(([cause]) => fallback[cause].length > 0);
  if (causes.length === 0) return null;
  return (
    <Section title="Routes that take over">
      <FactList>
        {causes.map(([cause, words]) => (
          <Fact key={cause} name={words}>
            {fallback[cause].map((name) => (
              <Link key={name} href={`/gateway/routes/${encodeURIComponent(name)}`}>
                {name}
              </Link>
            ))}
          </Fact>
        ))}
      </FactList>
    </Section>
  );
}
