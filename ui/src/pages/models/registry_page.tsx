import { useMemo } from 'react';
import type { RegisteredModel } from '../../api/mlflow_types.ts';
import { useEntries, type EntryKind } from '../../api/registry_queries.ts';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Time } from '../../components/time.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { AliasChips } from './alias_chips.tsx';
import { EntryView } from './entry_view.tsx';
import './registry_page.css';

const kWords = {
  model: { title: 'Models', base: '/models' },
  prompt: { title: 'Prompts', base: '/prompts' },
};

/** Models and prompts are the same thing here: a name with versions, and aliases that point at some. */
export function RegistryPage({
  kind,
  name,
  version,
}: {
  kind: EntryKind;
  name: string | null;
  version: string | null;
}) {
  const { title, base } = kWords[kind];
  return (
    <>
      <header className="page-bar">
        <h1>{name === null ? title : <Link href={base}>{title}</Link>}</h1>
        {name !== null && (
          <span className="crumb clip" title={name}>
            / <Link href={`${base}/${encodeURIComponent(name)}`}>{name}</Link>
          </span>
        )}
      </header>
      {name === null ? (
        <EntryList kind={kind} base={base} />
      ) : (
        <EntryView key={name} kind={kind} name={name} openVersion={version} base={base} />
      )}
    </>
  );
}

function entryColumns(base: string): Column<RegisteredModel>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      width: 'minmax(180px, 1.6fr)',
      sort: ({ name }) => name.toLowerCase(),
      cell: ({ name }) => (
        <Link href={`${base}/${encodeURIComponent(name)}`} tabIndex={-1}>
          <b>{name}</b>
        </Link>
      ),
    },
    {
      id: 'version',
      header: 'Newest',
      width: '76px',
      align: 'right',
      sort: newestOf,
      cell: (entry) => newestOf(entry) ?? '–',
    },
    {
      id: 'aliases',
      header: 'Aliases',
      width: 'minmax(160px, 1.4fr)',
      cell: ({ aliases = [] }) => <AliasChips aliases={aliases} />,
    },
    {
      id: 'updated',
      header: 'Last change',
      width: '120px',
      sort: ({ last_updated_timestamp = 0 }) => last_updated_timestamp,
      cell: ({ last_updated_timestamp: ms }) => (ms ? <Time us={ms * 1000} as="ago" /> : '–'),
    },
    {
      id: 'description',
      header: 'Description',
      width: 'minmax(140px, 2fr)',
      cell: ({ description }) => <span className="soft">{description || '–'}</span>,
    },
  ];
}

function newestOf({ latest_versions: versions = [] }: RegisteredModel): number | null {
  return versions.length > 0 ? Math.max(...versions.map(({ version }) => Number(version))) : null;
}

function EntryList({ kind, base }: { kind: EntryKind; base: string }) {
  const entries = useEntries(kind);
  const [url, setUrl] = useUrlState();
  const wanted = url.get('name') ?? '';
  const columns = useMemo(() => entryColumns(base), [base]);
  if (entries.error) return <Failure error={entries.error} onRetry={() => void entries.refetch()} />;
  if (entries.isPending) return <Loading what={`${kind}s`} />;
  if (entries.data.length === 0) return kind === 'model' ? <NoModels /> : <NoPrompts />;
  return (
    <>
      <div className="filters" role="search" aria-label={`Filter the ${kind}s`}>
        <FilterInput
          label="Name"
          placeholder="Name contains…"
          className="filter-text"
          value={wanted}
          onChange={(text) => setUrl({ name: text })}
        />
      </div>
      <DataTable
        label={kWords[kind].title}
        scroll
        rows={entries.data.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))}
        columns={columns}
        rowId={({ name }) => name}
        onOpen={({ name }) => navigate(`${base}/${encodeURIComponent(name)}`)}
        sort={url.get('sort') ?? ''}
        onSort={(sort) => setUrl({ sort })}
      />
    </>
  );
}

function NoModels() {
  return (
    <Empty title="No model is registered">
      <p>Log one with an MLflow client, or import a GGUF file.</p>
      <Command>penstock models import my-model ./model.gguf</Command>
    </Empty>
  );
}

function NoPrompts() {
  return (
    <Empty title="No prompt is registered">
      <Command>{`MLFLOW_TRACKING_URI=${location.origin} python -c "
import mlflow
mlflow.genai.register_prompt('greeting', 'Say hello to {{ name }}.')"`}</Command>
    </Empty>
  );
}
