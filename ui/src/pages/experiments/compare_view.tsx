import { useMemo, useState } from 'react';
import type { Run } from '../../api/mlflow_types.ts';
import { differing, keysOf, metricOf, runName, valueOf } from '../../api/run_facts.ts';
import { useRuns } from '../../api/tracking_queries.ts';
import { ParallelCoordinates, type Axis } from '../../charts/parallel_coordinates.tsx';
import { Button } from '../../components/button.tsx';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import '../../components/values.css';
import { Link, navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { formatMetric } from './format_metric.ts';
import { MetricCharts, type ColoredRun } from './metric_charts.tsx';

/** As many as can be told apart in a table, and as the server reads at once. */
export const kComparedMax = 20;
const kAxesMax = 9;
const kColors = 7;

/** Some runs side by side: what differs, across all at once and over steps. */
export function CompareView({ experimentId }: { experimentId: string }) {
  const [url] = useUrlState();
  const ids = useMemo(() => (url.get('runs') ?? '').split(',').filter(Boolean).slice(0, kComparedMax), [url]);
  const answers = useRuns(ids);
  const failed = answers.find(({ error }) => error);
  const loaded = answers.map(({ data }) => data);
  const key =
    loaded.map((run) => run?.info.run_id ?? '').join() + answers.map((one) => one.dataUpdatedAt).join();
  const runs = useMemo<ColoredRun[]>(
    () => loaded.flatMap((run, index) => (run ? [{ run, color: `--series-${(index % kColors) + 1}` }] : [])),
    // The answers are new objects at each poll; `key` tells when one of them really is.
    [key],
  );
  const base = `/experiments/${encodeURIComponent(experimentId)}`;
  if (ids.length === 0) {
    return (
      <Empty title="No run is picked">
        <Button onClick={() => navigate(base)}>Pick some in the table</Button>
      </Empty>
    );
  }
  return (
    <div className="compare">
      <p className="compare-back">
        <Link href={base + location.search}>← The table</Link>
      </p>
      {failed?.error && <Failure error={failed.error} />}
      {answers.some(({ isPending }) => isPending) && <Loading what="runs" />}
      {runs.length > 0 && (
        <>
          <Across runs={runs} base={base} />
          <Differences runs={runs} base={base} />
          <MetricCharts runs={runs} />
        </>
      )}
    </div>
  );
}

function Across({ runs, base }: { runs: ColoredRun[]; base: string }) {
  const axes = useMemo<Axis[]>(() => {
    const plain = runs.map(({ run }) => run);
    const params = differing(plain, keysOf(plain, 'params'), readParam);
    const metrics = keysOf(plain, 'metrics');
    const wanted = [
      ...params.slice(0, Math.max(kAxesMax - metrics.length, Math.floor(kAxesMax / 2))).map((name) => ({
        name,
        values: plain.map((run) => readParam(run, name)),
      })),
      ...metrics.map((name) => ({ name, values: plain.map((run) => metricOf(run, name)) })),
    ];
    return wanted.slice(0, kAxesMax);
  }, [runs]);
  if (axes.length < 2) return null;
  return (
    <ParallelCoordinates
      label="Params and metrics"
      axes={axes}
      rows={runs.map(({ run, color }) => ({ id: run.info.run_id, name: runName(run), color }))}
      formatNumber={formatMetric}
      onOpen={(id) => navigate(`${base}/${id}`)}
    />
  );
}

const readParam = (run: Run, key: string) => valueOf(run.data.params, key);
const readMetric = (run: Run, key: string) => {
  const value = metricOf(run, key);
  return value === null ? null : formatMetric(value);
};

function Differences({ runs, base }: { runs: ColoredRun[]; base: string }) {
  const [isWhole, setWhole] = useState(false);
  const plain = runs.map(({ run }) => run);
  const groups = [
    { title: 'Params', keys: keysOf(plain, 'params'), read: readParam },
    { title: 'Metrics', keys: keysOf(plain, 'metrics'), read: readMetric },
  ].map((group) => ({ ...group, keys: isWhole ? group.keys : differing(plain, group.keys, group.read) }));
  return (
    <div className="compare-table" role="region" aria-label="Values of the runs" tabIndex={0}>
      <table className="values">
        <thead>
          <tr>
            <th scope="col">
              <label className="compare-whole">
                <input type="checkbox" checked={!isWhole} onChange={() => setWhole(!isWhole)} /> Only what
                differs
              </label>
            </th>
            {runs.map(({ run, color }) => (
              <th key={run.info.run_id} scope="col">
                <i style={{ background: `var(${color})` }} />
                <Link href={`${base}/${run.info.run_id}`}>{runName(run)}</Link>
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(({ title, keys, read }) => (
          <tbody key={title}>
            <tr className="compare-group">
              <th scope="rowgroup" colSpan={runs.length + 1}>
                {title}
                {keys.length === 0 && ' · nothing differs'}
              </th>
            </tr>
            {keys.map((key) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                {plain.map((run) => (
                  <td key={run.info.run_id} className={title === 'Metrics' ? 'num' : 'mono'}>
                    {read(run, key) ?? <span className="faint">–</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
