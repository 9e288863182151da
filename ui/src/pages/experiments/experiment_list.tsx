import type { Experiment } from '../../api/mlflow_types.ts';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { Command } from '../../components/notice.tsx';
import { Time } from '../../components/time.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { Link, navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';

const href = (experiment: Experiment) => `/experiments/${encodeURIComponent(experiment.experiment_id)}`;

const kColumns: Column<Experiment>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(200px, 2fr)',
    sort: ({ name }) => name.toLowerCase(),
    cell: (experiment) => (
      <Link href={href(experiment)} tabIndex={-1}>
        <b>{experiment.name}</b>
      </Link>
    ),
  },
  {
    id: 'updated',
    header: 'Last change',
    width: '120px',
    sort: ({ last_update_time = 0 }) => last_update_time,
    cell: ({ last_update_time: ms }) => (ms ? <Time us={ms * 1000} as="ago" /> : '–'),
  },
  {
    id: 'created',
    header: 'Created',
    width: '140px',
    sort: ({ creation_time = 0 }) => creation_time,
    cell: ({ creation_time: ms }) => (ms ? <Time us={ms * 1000} as="minute" /> : '–'),
  },
  {
    id: 'tags',
    header: 'Tags',
    width: 'minmax(120px, 2fr)',
    cell: ({ tags = [] }) => (
      <span className="soft">
        {tags
          .filter(({ key }) => !key.startsWith('mlflow.'))
          .map(({ key, value }) => `${key}=${value}`)
          .join(' · ') || '–'}
      </span>
    ),
  },
  {
    id: 'id',
    header: 'Id',
    width: '96px',
    cell: ({ experiment_id }) => <span className="mono soft">{experiment_id}</span>,
  },
];

export function ExperimentList({ experiments }: { experiments: Experiment[] }) {
  const [url, setUrl] = useUrlState();
  const wanted = url.get('name') ?? '';
  const rows = experiments.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <>
      <div className="filters" role="search" aria-label="Filter the experiments">
        <FilterInput
          label="Name"
          placeholder="Name contains…"
          className="filter-text"
          value={wanted}
          onChange={(name) => setUrl({ name })}
        />
      </div>
      <DataTable
        label="Experiments"
        scroll
        rows={rows}
        columns={kColumns}
        rowId={({ experiment_id }) => experiment_id}
        onOpen={(experiment) => navigate(href(experiment))}
        sort={url.get('sort') ?? ''}
        onSort={(sort) => setUrl({ sort })}
      />
      {experiments.length <= 1 && (
        <div className="experiments-hint">
          <p>Any MLflow client writes here. From Python:</p>
          <Command>{`MLFLOW_TRACKING_URI=${location.origin} python -c "
import mlflow
mlflow.set_experiment('first')
with mlflow.start_run():
    mlflow.log_param('lr', 0.01)
    mlflow.log_metric('loss', 0.5)"`}</Command>
        </div>
      )}
    </>
  );
}
