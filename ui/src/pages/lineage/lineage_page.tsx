import { useMemo } from 'react';
import type { PageProps } from '../../app/pages.ts';
import { useLineage, useLineageNodes, type Direction, type LineageNode } from '../../api/registry_queries.ts';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Select } from '../../components/select.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { Graph } from './graph.tsx';
import { pageOf } from './node_page.ts';
import './lineage_page.css';

const kDirections = [
  { value: 'both', label: 'Both ways' },
  { value: 'up', label: 'What it was made of' },
  { value: 'down', label: 'What was made of it' },
];
const kDepths = ['1', '2', '3', '5', '10', '25'];
const kDepth = '5';

/** Where things come from and what became of them: data, runs, models, prompts, releases. */
export default function LineagePage(_: PageProps) {
  const [url, setUrl] = useUrlState();
  const node = url.get('node') ?? '';
  const direction = (url.get('direction') ?? 'both') as Direction;
  const depth = url.get('depth') ?? kDepth;
  const isStart = node === '';
  return (
    <>
      <header className="page-bar">
        <h1>{isStart ? 'Lineage' : <Link href="/lineage">Lineage</Link>}</h1>
        {!isStart && (
          <span className="crumb clip mono" title={node}>
            / {node}
          </span>
        )}
      </header>
      {isStart ? (
        <NodeList />
      ) : (
        <>
          <div className="filters" role="search" aria-label="What is drawn">
            <Segmented
              label="Direction"
              value={direction}
              options={kDirections}
              onChange={(value) => setUrl({ direction: value === 'both' ? null : value })}
            />
            <Select
              label="Steps"
              value={depth}
              options={kDepths.map((value) => ({
                value,
                label: value === '1' ? '1 step' : `${value} steps`,
              }))}
              onChange={(value) => setUrl({ depth: value === kDepth ? null : value })}
            />
          </div>
          <Drawing node={node} direction={direction} depth={Number(depth)} />
        </>
      )}
    </>
  );
}

function Drawing({ node, direction, depth }: { node: string; direction: Direction; depth: number }) {
  const lineage = useLineage(node, direction, depth);
  if (lineage.error) return <Failure error={lineage.error} onRetry={() => void lineage.refetch()} />;
  if (lineage.isPending) return <Loading what="the graph" />;
  const open = lineage.data.nodes.find(({ id }) => id === node);
  const page = open ? pageOf(open) : null;
  return (
    <div className="lineage">
      <p className="lineage-note">
        {lineage.data.nodes.length} nodes, {lineage.data.edges.length} edges
        {lineage.data.truncated && ' · there is more than is drawn: fewer steps show all of them'}
        {page && (
          <>
            {' · '}
            <Link href={page}>Open {open?.name}</Link>
          </>
        )}
      </p>
      <Graph
        lineage={lineage.data}
        center={node}
        onOpen={(id) => navigate(`/lineage?node=${encodeURIComponent(id)}`)}
      />
    </div>
  );
}

const kColumns: Column<LineageNode>[] = [
  { id: 'type', header: 'Kind', width: '110px', cell: ({ type }) => <span className="soft">{type}</span> },
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(200px, 2fr)',
    cell: ({ id, name }) => (
      <Link href={`/lineage?node=${encodeURIComponent(id)}`} tabIndex={-1}>
        <b>{name}</b>
      </Link>
    ),
  },
  {
    id: 'detail',
    header: 'Detail',
    width: 'minmax(140px, 2fr)',
    cell: ({ detail }) => <span className="soft">{detail || '–'}</span>,
  },
];

function NodeList() {
  const [url, setUrl] = useUrlState();
  const text = url.get('name') ?? '';
  const nodes = useLineageNodes(text);
  const rows = useMemo(() => nodes.data ?? [], [nodes.data]);
  return (
    <>
      <div className="filters" role="search" aria-label="Find a node">
        <FilterInput
          label="Find"
          placeholder="Run, model, prompt, dataset…"
          className="filter-text"
          value={text}
          onChange={(name) => setUrl({ name })}
        />
      </div>
      {nodes.error && <Failure error={nodes.error} onRetry={() => void nodes.refetch()} />}
      {nodes.isPending && <Loading what="nodes" />}
      {nodes.isSuccess && rows.length === 0 && (
        <Empty title={text ? 'Nothing has such a name' : 'Nothing has been made of anything yet'}>
          <p>Runs that log datasets, models and prompts appear here, as do OpenLineage events.</p>
          <Command>{`curl ${location.origin}/api/v1/lineage -H 'content-type: application/json' -d @event.json`}</Command>
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Nodes"
          scroll
          rows={rows}
          columns={kColumns}
          rowId={({ id }) => id}
          onOpen={({ id }) => navigate(`/lineage?node=${encodeURIComponent(id)}`)}
        />
      )}
    </>
  );
}
