import { useMemo, useState } from 'react';
import type { Run } from '../../api/mlflow_types.ts';
import { isOwnTag, metricNumber, runDurationMs, runName, valueOf } from '../../api/run_facts.ts';
import { useRun } from '../../api/tracking_queries.ts';
import { Amount } from '../../components/amount.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { Fact, FactList, FactNumber, FactNumbers, Section } from '../../components/facts.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { Detail } from '../../components/split.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import '../../components/values.css';
import { formatDuration } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { ArtifactBrowser } from './artifact_browser.tsx';
import { formatMetric } from './format_metric.ts';
import { MetricCharts } from './metric_charts.tsx';
import { RunStatus } from './run_status.tsx';

export function RunDetail({ runId, onClose }: { runId: string; onClose: () => void }) {
  const run = useRun(runId);
  return (
    <Detail
      label="Run"
      bodyLabel="Facts of the run"
      title={<span className="clip mono">{runId}</span>}
      actions={<CopyButton text={runId} label="Copy the run's id" />}
      onClose={onClose}
    >
      {run.error && <Failure error={run.error} onRetry={() => void run.refetch()} />}
      {run.isPending && <Loading what="the run" />}
      {run.data && <RunBody run={run.data} />}
    </Detail>
  );
}

function RunBody({ run }: { run: Run }) {
  const curves = useMemo(() => [{ run, color: '--series-1' }], [run]);
  return (
    <>
      <div className="detail-title">
        <h2>{runName(run)}</h2>
        <RunStatus status={run.info.status} />
        <Link href={`/lineage?node=${encodeURIComponent(`run:${run.info.run_id}`)}`}>Lineage</Link>
      </div>
      <Tabs
        label="Parts of the run"
        tabs={[
          { name: 'Overview', content: <Overview run={run} /> },
          { name: 'Charts', content: <MetricCharts runs={curves} /> },
          { name: 'Artifacts', content: <ArtifactBrowser runId={run.info.run_id} /> },
        ]}
      />
    </>
  );
}

function Overview({ run }: { run: Run }) {
  const { info, data } = run;
  const tags = (data.tags ?? []).filter(({ key }) => isOwnTag(key));
  const inputs = run.inputs?.dataset_inputs ?? [];
  const note = valueOf(data.tags, 'mlflow.note.content');
  return (
    <div className="run-overview">
      <FactNumbers>
        <FactNumber name="Duration">
          <Amount of={formatDuration(runDurationMs(run, Date.now()))} />
        </FactNumber>
        <FactNumber name="Metrics">{data.metrics?.length ?? 0}</FactNumber>
        <FactNumber name="Params">{data.params?.length ?? 0}</FactNumber>
      </FactNumbers>
      {note && <p className="detail-note">{note}</p>}
      <FactList>
        {info.start_time !== undefined && (
          <Fact name="Started">
            <Time us={info.start_time * 1000} as="instant" />
          </Fact>
        )}
        {info.user_id && <Fact name="User">{info.user_id}</Fact>}
        <Fact name="Source">{valueOf(data.tags, 'mlflow.source.name') ?? '–'}</Fact>
        {valueOf(data.tags, 'mlflow.source.git.commit') && (
          <Fact name="Commit">
            <span className="mono">{valueOf(data.tags, 'mlflow.source.git.commit')?.slice(0, 12)}</span>
          </Fact>
        )}
      </FactList>
      <Values
        title="Metrics"
        rows={(data.metrics ?? []).map(({ key, value, step = 0 }) => ({
          key,
          value: formatMetric(metricNumber(value)),
          note: step === 0 ? '' : `step ${step.toLocaleString('en-US')}`,
        }))}
        isNumeric
      />
      <Values title="Params" rows={(data.params ?? []).map((param) => ({ ...param, note: '' }))} />
      <Values title="Tags" rows={tags.map((tag) => ({ ...tag, note: '' }))} />
      <Values
        title="Datasets"
        rows={inputs.map(({ dataset, tags: inputTags }) => ({
          key: dataset.name,
          value: dataset.digest,
          note: valueOf(inputTags, 'mlflow.data.context') ?? '',
        }))}
      />
    </div>
  );
}

const kShownMax = 60;

interface ValuesProps {
  title: string;
  rows: { key: string; value: string; note: string }[];
  isNumeric?: boolean;
}

function Values({ title, rows, isNumeric = false }: ValuesProps) {
  const [isWhole, setWhole] = useState(false);
  if (rows.length === 0) return null;
  const shown = isWhole ? rows : rows.slice(0, kShownMax);
  return (
    <Section title={`${title} · ${rows.length}`}>
      <table className="values">
        <tbody>
          {shown.map(({ key, value, note }, index) => (
            <tr key={`${key}${index}`}>
              <th scope="row">{key}</th>
              <td className={isNumeric ? 'num' : 'mono'}>{value}</td>
              <td className="faint num">{note}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button type="button" className="values-more" onClick={() => setWhole(true)}>
          Show all {rows.length}
        </button>
      )}
    </Section>
  );
}
