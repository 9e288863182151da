import { useMemo, useState } from 'react';
import { costQuery, useCost, type CostFilters } from '../../api/cost_queries.ts';
import type { CostDimension } from '../../api/cost_types.ts';
import { getText } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Select } from '../../components/select.tsx';
import '../../components/filters.css';
import { Link } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { CostChart } from './cost_chart.tsx';
import { CostFigures } from './cost_figures.tsx';
import { bucketsBetween, kCostRanges, stackOf, windowOf } from './cost_stack.ts';
import { CostTable } from './cost_table.tsx';
import './cost_page.css';

const kDimensions: Record<CostDimension, string> = {
  feature: 'Feature',
  group: 'Group',
  key: 'Key',
  user: 'User',
  route: 'Route',
  model: 'Model',
  upstream: 'Upstream',
};
const kDimensionNames = Object.keys(kDimensions) as CostDimension[];
const kMinuteMs = 60_000;

/** What was spent, by whom and for what, over time. */
export default function CostPage() {
  const [url, setUrl] = useUrlState();
  const by = kDimensionNames.find((name) => name === url.get('by')) ?? 'feature';
  const range = url.get('range') ?? '30d';
  const only = useMemo(
    () =>
      Object.fromEntries(kDimensionNames.flatMap((name) => (url.get(name) ? [[name, url.get(name)]] : []))),
    [url],
  ) as CostFilters;
  // Begins anew each minute, so that the same window is the same query meanwhile.
  const minute = Math.floor(Date.now() / kMinuteMs);
  const window = useMemo(() => windowOf(range, minute * kMinuteMs * 1000), [range, minute]);
  const query = costQuery(window, by, only);
  const cost = useCost(query);
  const stack = useMemo(
    () => stackOf(cost.data?.rows ?? [], bucketsBetween(window.fromUs, window.toUs, window.bucket)),
    [cost.data, window],
  );
  return (
    <>
      <header className="page-bar">
        <h1>Cost</h1>
        {cost.isPlaceholderData && <span className="spinner" role="status" aria-label="Loading" />}
        <Segmented
          label="Window"
          value={range in kCostRanges ? range : '30d'}
          options={Object.entries(kCostRanges).map(([value, { label }]) => ({ value, label }))}
          onChange={(value) => setUrl({ range: value === '30d' ? null : value })}
        />
        <ExportButton query={query} />
      </header>
      <div className="filters" role="group" aria-label="What is shown">
        <Segmented
          label="Stacked by"
          value={by}
          options={kDimensionNames.map((value) => ({ value, label: kDimensions[value] }))}
          onChange={(value) => setUrl({ by: value === 'feature' ? null : value })}
        />
        <Select
          label="Stacked by"
          className="cost-by-narrow"
          value={by}
          options={kDimensionNames.map((value) => ({ value, label: kDimensions[value] }))}
          onChange={(value) => setUrl({ by: value === 'feature' ? null : value })}
        />
        {Object.entries(only).map(([name, value]) => (
          <Button
            key={name}
            icon="close"
            aria-label={`Show every ${name}`}
            onClick={() => setUrl({ [name]: null })}
          >
            {kDimensions[name as CostDimension]}: {value}
          </Button>
        ))}
      </div>
      <div className="page-content cost">
        {cost.error && <Failure error={cost.error} onRetry={() => void cost.refetch()} />}
        {cost.isPending && <Loading what="cost" />}
        {cost.data && stack.total.requests === 0 && <NoCost isFiltered={Object.keys(only).length > 0} />}
        {cost.data && stack.total.requests > 0 && (
          <>
            <CostFigures total={stack.total} />
            <CostChart stack={stack} bucket={window.bucket} by={kDimensions[by]} />
            <CostTable
              stack={stack}
              by={by}
              title={kDimensions[by]}
              sort={url.get('sort') ?? ''}
              onSort={(sort) => setUrl({ sort })}
              onOnly={(value) => setUrl({ [by]: value, by: nextDimension(by) })}
            />
          </>
        )}
      </div>
    </>
  );
}

/** What is asked next of one group, key, ...: what makes it up. */
function nextDimension(by: CostDimension): CostDimension {
  return by === 'group' ? 'key' : by === 'model' ? 'feature' : 'model';
}

function ExportButton({ query }: { query: string }) {
  const [state, setState] = useState<{ isPending: boolean; error: Error | null }>({
    isPending: false,
    error: null,
  });
  const download = async () => {
    setState({ isPending: true, error: null });
    try {
      save(await getText(`/api/v1/cost.csv?${query}`, 'text/csv'), 'penstock-cost.csv');
      setState({ isPending: false, error: null });
    } catch (error) {
      setState({ isPending: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  return (
    <>
      {state.error && (
        <span className="cost-export-error" role="alert">
          {state.error.message}
        </span>
      )}
      <Button
        icon="download"
        isPending={state.isPending}
        disabled={state.isPending}
        onClick={() => void download()}
      >
        Export CSV
      </Button>
    </>
  );
}

/** Through the page, since the browser's own download would not send a key. */
function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function NoCost({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'Nothing was spent under these filters' : 'Nothing was answered in this time'}>
      <p>
        Each answered request is priced by the configured prices. Tag requests with the header{' '}
        <code>x-penstock-feature</code> to see what a feature costs, or open the{' '}
        <Link href="/playground">Playground</Link> to send one.
      </p>
      <Command>penstock prices import model_prices.json</Command>
    </Empty>
  );
}
