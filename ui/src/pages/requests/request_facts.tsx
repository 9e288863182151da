import { tokensPerSecond } from '../../api/request_facts.ts';
import type { RequestSummary } from '../../api/types.ts';
import { Amount } from '../../components/amount.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { Fact, FactList, FactNumber, FactNumbers } from '../../components/facts.tsx';
import { formatCost, formatCount, formatRate, kNothing, shortDigest } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { Attempts } from './attempts.tsx';

const kCacheWords = {
  miss: 'missed, answered by the upstream',
  exact: 'hit: the same request had been answered',
  semantic: 'hit: a request of the same meaning had been answered',
};
const kSources = { provider: 'reported by the upstream', counted: 'counted here', none: 'not known' };

export function RequestFacts({ request }: { request: RequestSummary }) {
  return (
    <div className="facts">
      <Tokens request={request} />
      <Origin request={request} />
      <Attempts attempts={request.attempts ?? []} />
    </div>
  );
}

function Tokens({ request }: { request: RequestSummary }) {
  const { tokens } = request;
  const speed = tokensPerSecond(request);
  const kinds: [string, number][] = [
    ['Input', tokens.input],
    ['Cached input', tokens.cached_input],
    ['Cache write', (tokens.cache_write ?? 0) + (tokens.cache_write_1h ?? 0)],
    ['Image', tokens.image ?? 0],
    ['Output', tokens.output],
    ['Reasoning', tokens.reasoning],
    ['Audio', tokens.audio ?? 0],
  ];
  const isShown = ([name, count]: [string, number]) => count > 0 || name === 'Input' || name === 'Output';
  return (
    <FactNumbers title={`Tokens ${kSources[tokens.source]}`}>
      {kinds.filter(isShown).map(([name, count]) => (
        <FactNumber key={name} name={name}>
          <Amount of={{ ...formatCount(count), unit: `${formatCount(count).unit} tok`.trim() }} />
        </FactNumber>
      ))}
      <FactNumber name="Speed">
        <Amount of={speed === null ? kNothing : formatRate(speed, 'tok/s')} />
      </FactNumber>
      <FactNumber name="Cost">
        <Amount of={formatCost(request.cost_nano_usd)} />
      </FactNumber>
      {request.saved_nano_usd != null && (
        <FactNumber name="Saved by the cache">
          <Amount of={formatCost(request.saved_nano_usd)} />
        </FactNumber>
      )}
    </FactNumbers>
  );
}

function Origin({ request }: { request: RequestSummary }) {
  const version = request.model_version;
  const filterLink = (name: 'feature' | 'user', value: string) => (
    <Link href={`/requests?${name}=${encodeURIComponent(value)}`}>{value}</Link>
  );
  return (
    <FactList>
      <Fact name="Endpoint">
        {request.endpoint}
        {request.stream ? ', streamed' : ''}
      </Fact>
      {request.finish_reason && <Fact name="Finish reason">{request.finish_reason}</Fact>}
      {request.upstream && (
        <Fact name="Upstream">
          {request.upstream}
          {request.upstream_model && request.upstream_model !== request.model
            ? ` as ${request.upstream_model}`
            : ''}
        </Fact>
      )}
      {request.route && (
        <Fact name="Route">
          <Link href={`/gateway/routes/${encodeURIComponent(request.route)}`}>{request.route}</Link>
          {request.target && <span className="soft">target {request.target}</span>}
        </Fact>
      )}
      {request.cache && request.cache !== 'off' && <Fact name="Cache">{kCacheWords[request.cache]}</Fact>}
      {request.key && (
        <Fact name="Key">
          <Link href={`/keys/key/${encodeURIComponent(request.key_id ?? request.key)}`}>{request.key}</Link>
        </Fact>
      )}
      {request.group && (
        <Fact name="Group">
          <Link href={`/keys/group/${encodeURIComponent(request.group)}`}>{request.group}</Link>
        </Fact>
      )}
      {request.price_version && (
        <Fact name="Price version">
          <span className="mono">{request.price_version}</span>
        </Fact>
      )}
      {version && (
        <Fact name="Model version">
          {version.name} v{version.version}{' '}
          <span className="mono soft" title={version.digest}>
            {shortDigest(version.digest)}
          </span>
          <CopyButton text={version.digest} label="Copy the digest" />
        </Fact>
      )}
      {request.feature && <Fact name="Feature">{filterLink('feature', request.feature)}</Fact>}
      {request.user && <Fact name="User">{filterLink('user', request.user)}</Fact>}
      {Object.entries(request.metadata).map(([name, value]) => (
        <Fact key={name} name={name}>
          <span className="tag mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
        </Fact>
      ))}
    </FactList>
  );
}
