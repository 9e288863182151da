import { useCallback, useMemo, useState } from 'react';
import type { Run } from '../../api/mlflow_types.ts';
import { useRunPages, type RunQuery } from '../../api/tracking_queries.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { useNarrow } from '../../components/media.ts';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Split } from '../../components/split.tsx';
import { navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { ColumnPicker } from './column_picker.tsx';
import { kComparedMax } from './compare_view.tsx';
import { orderOf, runColumns } from './run_columns.tsx';
import { RunDetail } from './run_detail.tsx';
import { availableColumns, firstColumns, useSavedColumns } from './saved_columns.ts';

const kViews = [
  { value: 'ACTIVE_ONLY', label: 'Active' },
  { value: 'DELETED_ONLY', label: 'Deleted' },
];

/** The runs of one experiment: filtered and ordered by the server, one open beside the table, some picked to compare. */
export function RunsView({ experimentId, openRun }: { experimentId: string; openRun: string | null }) {
  const [url, setUrl] = useUrlState();
  const sort = url.get('sort') ?? '';
  const filter = url.get('filter') ?? '';
  const view = (url.get('view') ?? 'ACTIVE_ONLY') as RunQuery['view'];
  const picked = useMemo(() => new Set((url.get('runs') ?? '').split(',').filter(Boolean)), [url]);
  const pages = useRunPages({ experimentId, filter, order: orderOf(sort), view });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.runs ?? []) ?? [], [pages.data]);
  const [saved, save] = useSavedColumns(experimentId);
  const [isPicking, setPicking] = useState(false);
  const isNarrow = useNarrow(900);
  const available = useMemo(() => availableColumns(rows), [rows]);
  const chosen = useMemo(() => saved ?? firstColumns(available), [saved, available]);
  const base = `/experiments/${encodeURIComponent(experimentId)}`;
  const pick = useCallback(
    (run: Run) => {
      const next = new Set(picked);
      if (!next.delete(run.info.run_id)) next.add(run.info.run_id);
      setUrl({ runs: [...next].slice(-kComparedMax).join(',') });
    },
    [picked, setUrl],
  );
  const columns = useMemo(
    () => runColumns({ picked, onPick: pick, columns: chosen, isCompact: openRun !== null || isNarrow }),
    [picked, pick, chosen, openRun, isNarrow],
  );
  const close = () => navigate(base + location.search);
  const compare = () => navigate(`${base}/compare${location.search}`);
  useShortcuts([{ keys: 'Escape', does: 'Close the run', run: close }]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const setFilter = useCallback((text: string) => setUrl({ filter: text }), [setUrl]);
  return (
    <>
      <div className="filters" role="search" aria-label="Filter the runs">
        <FilterInput
          label="Filter"
          placeholder="metrics.loss < 0.5 and params.lr = '0.01'"
          className="runs-filter mono"
          value={filter}
          onChange={setFilter}
          suggestions={available.map((column) => column.replace(/\.(.*[^\w].*)$/, '.`$1`'))}
        />
        <Segmented
          label="Which runs"
          value={view}
          options={kViews}
          onChange={(chosenView) => setUrl({ view: chosenView })}
        />
        <Button icon="columns" onClick={() => setPicking(true)} disabled={available.length === 0}>
          Columns
        </Button>
        <Button
          look="primary"
          disabled={picked.size < 2}
          onClick={compare}
          title={`Up to ${kComparedMax} runs`}
        >
          Compare{picked.size > 0 ? ` ${picked.size}` : ''}
        </Button>
      </div>
      <Split detail={openRun && <RunDetail key={openRun} runId={openRun} onClose={close} />}>
        {pages.error && <Failure error={pages.error} onRetry={() => void pages.refetch()} />}
        {pages.isPending && <Loading what="runs" />}
        {pages.isSuccess && rows.length === 0 && (
          <NoRuns isFiltered={filter !== ''} experimentId={experimentId} />
        )}
        {rows.length > 0 && (
          <DataTable
            label="Runs"
            scroll
            rows={rows}
            columns={columns}
            rowId={(run) => run.info.run_id}
            openId={openRun}
            onOpen={(run) => navigate(`${base}/${run.info.run_id}${location.search}`)}
            sort={sort}
            onSort={(next) => setUrl({ sort: next })}
            onReachEnd={loadMore}
          />
        )}
        <p className="split-foot num">
          {rows.length.toLocaleString('en-US')} loaded{hasNextPage ? ', more below' : ''}
          {isFetchingNextPage && <> · loading…</>}
        </p>
      </Split>
      {isPicking && (
        <ColumnPicker
          available={available}
          chosen={chosen}
          onChange={save}
          onClose={() => setPicking(false)}
        />
      )}
    </>
  );
}

function NoRuns({ isFiltered, experimentId }: { isFiltered: boolean; experimentId: string }) {
  if (isFiltered) {
    return (
      <Empty title="No run matches this filter">
        <p>
          Conditions are joined by <code>and</code>: <code>metrics.loss &lt; 0.5</code>,{' '}
          <code>params.lr = '0.01'</code>, <code>tags.stage != 'old'</code>,{' '}
          <code>attributes.status = 'FINISHED'</code>.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No run yet">
      <Command>{`MLFLOW_TRACKING_URI=${location.origin} MLFLOW_EXPERIMENT_ID=${experimentId} python train.py`}</Command>
    </Empty>
  );
}
