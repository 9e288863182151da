import { useCallback, useEffect, useMemo, useState } from 'react';
import type { PageProps } from '../../app/pages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { filtersFromUrl, isFiltered, type RequestFilters } from '../../api/request_filters.ts';
import type { RequestSummary } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data_table.tsx';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { useNarrow } from '../../components/media.ts';
import { Split } from '../../components/split.tsx';
import { Dot } from '../../components/status.tsx';
import { navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { FilterBar } from './filter_bar.tsx';
import { kCompactRequestColumns, kRequestColumns } from './request_columns.tsx';
import { RequestDetail } from './request_detail.tsx';
import { useRequestList } from './use_request_list.ts';
import './requests_page.css';

const kFreshUs = 5e6;

/** The journal as a list: live on top, filtered by the URL, one record open beside it. */
export default function RequestsPage({ parameters }: PageProps) {
  const openId = parameters.id ?? null;
  const [url, setUrl] = useUrlState();
  const filters = useMemo(() => filtersFromUrl(url), [url]);
  const sort = url.get('sort') ?? '';
  const [isPaused, setPaused] = useState(false);
  const [isAtTop, setAtTop] = useState(true);
  const { pages, rows, waiting, liveState } = useRequestList(filters, isPaused || !isAtTop);
  const isNarrow = useNarrow(720);
  const togglePause = () => setPaused((before) => !before);
  const close = () => navigate(`/requests${location.search}`);
  useShortcuts([
    { keys: 'p', does: 'Pause or resume the live list', run: togglePause },
    { keys: 'Escape', does: 'Close the record', run: close },
  ]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  // With a filter a page may be empty and still have a cursor: the server reads a bounded part of the journal.
  const isSearching = rows.length === 0 && (hasNextPage || isFetchingNextPage);
  useEffect(() => {
    if (isSearching) loadMore();
  }, [isSearching, loadMore]);
  const open = (request: RequestSummary) => navigate(`/requests/${request.id}${location.search}`);
  return (
    <>
      <header className="page-bar">
        <h1>Requests</h1>
        {pages.isPlaceholderData && <span className="spinner" role="status" aria-label="Loading" />}
        <LiveSign state={isPaused ? 'paused' : liveState} waiting={waiting} />
        <Button
          icon={isPaused ? 'play' : 'pause'}
          aria-pressed={isPaused}
          onClick={togglePause}
          title="Pause (p)"
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      </header>
      <FilterBar filters={filters} rows={rows} setUrl={setUrl} />
      <Split detail={openId && <RequestDetail key={openId} id={openId} onClose={close} />}>
        {pages.error && <Failure error={pages.error} onRetry={() => void pages.refetch()} />}
        {(pages.isPending || isSearching) && <Loading what={isSearching ? 'older requests' : 'requests'} />}
        {pages.isSuccess && rows.length === 0 && !isSearching && <NoRequests filters={filters} />}
        {rows.length > 0 && (
          <DataTable
            label="Requests"
            scroll
            rows={rows}
            columns={openId || isNarrow ? kCompactRequestColumns : kRequestColumns}
            rowId={(request) => request.id}
            openId={openId}
            onOpen={open}
            sort={sort}
            onSort={(next) => setUrl({ sort: next })}
            onReachEnd={loadMore}
            onAtTop={setAtTop}
            rowTone={(request) => (request.ended_at_us > Date.now() * 1000 - kFreshUs ? 'new' : '')}
          />
        )}
        <p className="split-foot num">
          {rows.length.toLocaleString('en-US')} loaded{hasNextPage ? ', more below' : ''}
          {sort && hasNextPage && <> · sorted among the loaded rows</>}
          {isFetchingNextPage && <> · loading…</>}
        </p>
      </Split>
    </>
  );
}

function LiveSign({ state, waiting }: { state: 'connecting' | 'live' | 'lost' | 'paused'; waiting: number }) {
  const signs = {
    connecting: { tone: 'calm', text: 'Connecting…' },
    live: { tone: 'good', text: 'Live' },
    lost: { tone: 'bad', text: 'Connection lost, trying again' },
    paused: { tone: 'warn', text: 'Paused' },
  } as const;
  const { tone, text } = signs[state];
  return (
    <span className="live-sign" role="status">
      <Dot tone={tone} />
      {text}
      {waiting > 0 && <b className="num">{waiting} new</b>}
    </span>
  );
}

function NoRequests({ filters }: { filters: RequestFilters }) {
  if (isFiltered(filters)) {
    return (
      <Empty title="No request matches these filters">
        <p>Widen the time range or clear a filter.</p>
        <Button onClick={() => navigate('/requests')}>Clear all filters</Button>
      </Empty>
    );
  }
  return (
    <Empty title="No request has been answered yet">
      <p>This list is live: send one and watch it arrive.</p>
      <Command>{`penstock chat --server ${location.origin} 'Name three rivers.'`}</Command>
    </Empty>
  );
}
