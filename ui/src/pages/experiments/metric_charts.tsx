import { useMemo, useState } from 'react';
import type { Run } from '../../api/mlflow_types.ts';
import { curvesOf, keysOf, runName } from '../../api/run_facts.ts';
import { useHistories } from '../../api/tracking_queries.ts';
import { LineChart, type Line } from '../../charts/line_chart.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import '../../components/field.css';
import { formatMinute } from '../../format/time.ts';
import { formatDuration, asText } from '../../format/numbers.ts';
import { formatMetric } from './format_metric.ts';

export interface ColoredRun {
  run: Run;
  color: string;
}

type XAxis = 'step' | 'time' | 'relative';

const kChartsMax = 12;
const kXAxes = [
  { value: 'step', label: 'Step' },
  { value: 'relative', label: 'Relative time' },
  { value: 'time', label: 'Time' },
];
const kScales = [
  { value: 'linear', label: 'Linear' },
  { value: 'log', label: 'Log' },
];

/** A chart for each metric, a curve for each run, over steps or time. */
export function MetricCharts({ runs }: { runs: ColoredRun[] }) {
  const [xAxis, setXAxis] = useState<XAxis>('step');
  const [scale, setScale] = useState('linear');
  const [wanted, setWanted] = useState('');
  const keys = useMemo(
    () =>
      keysOf(
        runs.map(({ run }) => run),
        'metrics',
      ).filter((key) => key.includes(wanted)),
    [runs, wanted],
  );
  return (
    <div className="metric-charts">
      <div className="metric-charts-bar">
        <input
          className="field"
          aria-label="Search metrics"
          placeholder="Search metrics"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <Segmented
          label="Horizontal axis"
          value={xAxis}
          options={kXAxes}
          onChange={(value) => setXAxis(value as XAxis)}
        />
        <Segmented label="Scale" value={scale} options={kScales} onChange={setScale} />
      </div>
      {keys.length === 0 && (
        <p className="soft">No metric has been logged{wanted && ' under such a name'}.</p>
      )}
      <div className="metric-charts-grid">
        {keys.slice(0, kChartsMax).map((key) => (
          <MetricChart key={key} metric={key} runs={runs} xAxis={xAxis} isLog={scale === 'log'} />
        ))}
      </div>
      {keys.length > kChartsMax && (
        <p className="soft">
          {kChartsMax} of {keys.length} metrics; search to see others.
        </p>
      )}
    </div>
  );
}

function MetricChart({
  metric,
  runs,
  xAxis,
  isLog,
}: {
  metric: string;
  runs: ColoredRun[];
  xAxis: XAxis;
  isLog: boolean;
}) {
  const ids = useMemo(() => runs.map(({ run }) => run.info.run_id), [runs]);
  const history = useHistories(ids, metric);
  const lines = useMemo<Line[]>(
    () =>
      curvesOf(history.data ?? [], ids).flatMap(({ runId, points }) => {
        const owner = runs.find(({ run }) => run.info.run_id === runId);
        if (!owner || points.length === 0) return [];
        const start = Math.min(...points.map(({ ms }) => ms));
        const x = ({ step, ms }: { step: number; ms: number }) =>
          xAxis === 'step' ? step : xAxis === 'time' ? ms : ms - start;
        const drawn = points.map((point) => ({ x: x(point), y: point.value }));
        drawn.sort((a, b) => a.x - b.x);
        return [{ id: runId, name: runName(owner.run), color: owner.color, points: drawn }];
      }),
    [history.data, ids, runs, xAxis],
  );
  if (history.error) return <Failure error={history.error} onRetry={() => void history.refetch()} />;
  if (history.isPending) return <Loading what={metric} />;
  return (
    <LineChart title={metric} lines={lines} formatX={kFormatX[xAxis]} formatY={formatMetric} isLog={isLog} />
  );
}

const kFormatX: Record<XAxis, (x: number) => string> = {
  step: (x) => Math.round(x).toLocaleString('en-US'),
  time: (x) => formatMinute(x * 1000),
  relative: (x) => asText(formatDuration(Math.max(0, x))),
};
