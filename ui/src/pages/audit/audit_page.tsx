import { useCallback, useEffect, useMemo } from 'react';
import { auditFiltersFromUrl, useAuditPages, type AuditFilters } from '../../api/audit_queries.ts';
import { rangeToUrl } from '../../api/time_range.ts';
import type { PageProps } from '../../app/pages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { useNarrow } from '../../components/media.ts';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Select } from '../../components/select.tsx';
import { Split } from '../../components/split.tsx';
import { TimeFilter } from '../../components/time_filter.tsx';
import type { SearchPatch } from '../../router/match.ts';
import { navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { kAuditColumns, kCompactAuditColumns } from './audit_columns.tsx';
import { AuditDetail } from './audit_detail.tsx';
import { ChainState } from './chain_state.tsx';
import './audit_page.css';

/** Who changed what, and proof that nobody changed this list. */
export default function AuditPage({ parameters }: PageProps) {
  const [url, setUrl] = useUrlState();
  const filters = useMemo(() => auditFiltersFromUrl(url), [url]);
  const pages = useAuditPages(filters);
  const isNarrow = useNarrow(720);
  const openId = parameters.id ?? null;
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.records) ?? [], [pages.data]);
  const open = rows.find(({ id }) => id === openId);
  const close = () => navigate(`/audit${location.search}`);
  useShortcuts([{ keys: 'Escape', does: 'Close the record', run: close }]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  // With a filter a page may be empty and still have a cursor; what the URL names may stand on a later one.
  const isSearching =
    (hasNextPage || isFetchingNextPage) && (rows.length === 0 || (openId !== null && !open));
  useEffect(() => {
    if (isSearching) loadMore();
  }, [isSearching, loadMore]);
  return (
    <>
      <header className="page-bar">
        <h1>Audit</h1>
        {pages.isPlaceholderData && <span className="spinner" role="status" aria-label="Loading" />}
        <ChainState />
      </header>
      <AuditFilterBar filters={filters} setUrl={setUrl} />
      <Split detail={open && <AuditDetail key={open.id} record={open} onClose={close} />}>
        {pages.error && <Failure error={pages.error} onRetry={() => void pages.refetch()} />}
        {(pages.isPending || isSearching) && <Loading what={isSearching ? 'older records' : 'records'} />}
        {pages.isSuccess && rows.length === 0 && !isSearching && <NoRecords />}
        {rows.length > 0 && (
          <DataTable
            label="Administrative actions"
            scroll
            rows={rows}
            columns={open || isNarrow ? kCompactAuditColumns : kAuditColumns}
            rowId={(record) => record.id}
            openId={openId}
            onOpen={(record) => navigate(`/audit/${record.id}${location.search}`)}
            onReachEnd={loadMore}
          />
        )}
        <p className="split-foot num">
          {rows.length.toLocaleString('en-US')} loaded{hasNextPage ? ', more below' : ''}
          {isFetchingNextPage && <> · loading…</>}
        </p>
      </Split>
    </>
  );
}

const kSubjects = ['keys', 'groups', 'users', 'projects', 'tokens', 'sessions', 'config', 'prices', 'login'];

function AuditFilterBar({
  filters,
  setUrl,
}: {
  filters: AuditFilters;
  setUrl: (patch: SearchPatch) => void;
}) {
  const setActor = useCallback((actor: string) => setUrl({ actor }), [setUrl]);
  const setObject = useCallback((object: string) => setUrl({ object }), [setUrl]);
  const { actor, action, object, range, since_us: since, until_us: until } = filters;
  const isFiltered = actor || action || object || range || since !== null || until !== null;
  const actions = [
    { value: '', label: 'All actions' },
    ...kSubjects.map((subject) => ({ value: `${subject}.`, label: `About ${subject}` })),
    ...(action && !action.endsWith('.') ? [{ value: action, label: action }] : []),
  ];
  return (
    <div className="filters" role="search" aria-label="Filter the audit journal">
      <Select
        label="Action"
        value={action}
        options={actions}
        highlighted={action !== ''}
        onChange={(chosen) => setUrl({ action: chosen })}
      />
      <FilterInput
        label="Actor"
        placeholder="Actor: user:…, key:…"
        className="filter-text"
        value={actor}
        onChange={setActor}
      />
      <FilterInput
        label="Object"
        placeholder="Object: key:…, group:…"
        className="filter-text"
        value={object}
        onChange={setObject}
      />
      <TimeFilter range={filters} onChange={(change) => setUrl(rangeToUrl(change))} />
      {isFiltered && (
        <Button look="ghost" icon="close" onClick={() => navigate('/audit')}>
          Clear
        </Button>
      )}
    </div>
  );
}

function NoRecords() {
  if (location.search) {
    return (
      <Empty title="No record matches these filters">
        <Button onClick={() => navigate('/audit')}>Clear all filters</Button>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing administrative has happened yet">
      <p>Every change of keys, groups, people and configuration is recorded here.</p>
      <Command>penstock keys create --name search-bot</Command>
    </Empty>
  );
}
