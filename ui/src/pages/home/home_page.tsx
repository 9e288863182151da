import { useHealth, useLatestRequests, useModels, useStats } from '../../api/queries.ts';
import type { Model, RequestSummary, Stats } from '../../api/types.ts';
import { Segmented } from '../../components/segmented.tsx';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Link } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { LatestRequests } from './latest_requests.tsx';
import { ModelsTable } from './models_table.tsx';
import { StatStrip } from './stat_strip.tsx';
import { TrafficCharts } from './traffic_charts.tsx';
import '../../components/panel.css';
import './home_page.css';

const kWindows: Record<string, number> = { '15m': 900, '1h': 3600, '24h': 86_400 };

/** What the server is doing now: rates and times over a window, its models, the latest requests. */
export default function HomePage() {
  const [parameters, setParameters] = useUrlState();
  const chosen = parameters.get('window') ?? '15m';
  const name = chosen in kWindows ? chosen : '15m';
  const stats = useStats(kWindows[name] ?? 900);
  const models = useModels();
  const latest = useLatestRequests(10);
  const isQuiet = latest.data?.requests.length === 0;
  return (
    <>
      <header className="page-bar">
        <h1>Home</h1>
        {stats.isPlaceholderData && <span className="spinner" role="status" aria-label="Loading" />}
        <Segmented
          label="Window"
          value={name}
          options={Object.keys(kWindows).map((value) => ({ value, label: value }))}
          onChange={(value) => setParameters({ window: value === '15m' ? null : value })}
        />
      </header>
      <div className="page-content home">
        <DownParts />
        {isQuiet && models.data && <FirstRequest models={models.data} />}
        {stats.error && <Failure error={stats.error} onRetry={() => void stats.refetch()} />}
        {stats.isPending && <Loading what="statistics" />}
        {stats.data && !isQuiet && (
          <>
            <StatStrip stats={stats.data} isPriced={isPriced(stats.data, latest.data?.requests ?? [])} />
            <TrafficCharts stats={stats.data} />
          </>
        )}
        <section className="panel" aria-labelledby="home-models">
          <h2 id="home-models">Models</h2>
          {models.isPending && <Loading what="models" />}
          {models.error && <Failure error={models.error} onRetry={() => void models.refetch()} />}
          {models.data && <ModelsTable models={models.data} usage={stats.data?.by_model ?? []} />}
        </section>
        {!isQuiet && <Latest latest={latest} />}
      </div>
    </>
  );
}

function isPriced(stats: Stats, latest: RequestSummary[]): boolean {
  return stats.cost_nano_usd !== 0 || latest.some((request) => request.cost_nano_usd !== null);
}

function Latest({ latest }: { latest: ReturnType<typeof useLatestRequests> }) {
  return (
    <section className="panel" aria-labelledby="home-latest">
      <div className="panel-head">
        <h2 id="home-latest">Latest requests</h2>
        <Link href="/requests">All requests</Link>
      </div>
      {latest.isPending && <Loading what="requests" />}
      {latest.error && <Failure error={latest.error} onRetry={() => void latest.refetch()} />}
      {latest.data && <LatestRequests requests={latest.data.requests} />}
    </section>
  );
}

/** A part that is down is the first thing to know. */
function DownParts() {
  const { data } = useHealth();
  const bad = data?.parts.filter((part) => part.status === 'down' || part.status === 'degraded') ?? [];
  if (bad.length === 0) return null;
  return (
    <ul className="home-down" role="alert">
      {bad.map((part) => (
        <li key={part.name}>
          <strong>{part.name}</strong> is {part.status}: {part.detail}
        </li>
      ))}
    </ul>
  );
}

/** Nothing to say without a model: the models' own empty state tells the next step. */
function FirstRequest({ models }: { models: Model[] }) {
  const chat = models.find((model) => model.kind === 'chat');
  if (!chat) return null;
  const body = JSON.stringify({ model: chat.name, messages: [{ role: 'user', content: 'Hello!' }] });
  return (
    <Empty title="No request has been answered yet">
      <p>
        Open the <Link href="/playground">Playground</Link>, or point any OpenAI client at{' '}
        <code>{location.origin}/v1</code>:
      </p>
      <Command>{`curl ${location.origin}/v1/chat/completions \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`}</Command>
    </Empty>
  );
}
