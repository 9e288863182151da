import { useCallback, useMemo, useState } from 'react';
import { useConfigDiff, useConfigVersion, useConfigVersions } from '../../api/gateway_queries.ts';
import type { ConfigVersion } from '../../api/gateway_types.ts';
import { useMay } from '../../api/me.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { DiffView } from '../../components/diff_view.tsx';
import { Fact, FactList } from '../../components/facts.tsx';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import { RawText } from '../../components/raw_text.tsx';
import { Detail, Split } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { setDraft } from './config_draft.ts';
import { UndoDialog } from './config_state.tsx';

const kSources = { start: 'start', file: 'file', api: 'applied', undo: 'undo' };

const kColumns: Column<ConfigVersion>[] = [
  {
    id: 'number',
    header: 'Version',
    width: '72px',
    align: 'right',
    cell: (row) => (
      <Link href={`/gateway/versions/${row.number}`} tabIndex={-1}>
        <b>{row.number}</b>
      </Link>
    ),
  },
  { id: 'at', header: 'In effect from', width: '160px', cell: (row) => <Time us={row.at_us} as="minute" /> },
  {
    id: 'state',
    header: 'State',
    width: '84px',
    cell: (row) => row.running && <Badge tone="good">running</Badge>,
  },
  { id: 'source', header: 'By', width: '80px', cell: (row) => kSources[row.source] },
  {
    id: 'actor',
    header: 'Actor',
    width: 'minmax(110px, 0.8fr)',
    cell: (row) => row.actor || <span className="faint">–</span>,
  },
  {
    id: 'comment',
    header: 'Why',
    width: 'minmax(140px, 2fr)',
    cell: (row) => <span title={row.comment}>{row.comment || <span className="faint">–</span>}</span>,
  },
  {
    id: 'server',
    header: 'Server',
    width: 'minmax(120px, 1fr)',
    cell: (row) => (
      <span className="faint" title={row.server}>
        {row.server}
      </span>
    ),
  },
];

const kCompactColumns = kColumns.filter(({ id }) => ['number', 'at', 'state', 'comment'].includes(id));

/** Every configuration that took effect: who, when, why, and what it changed. */
export function VersionsTab({ openNumber }: { openNumber: number | null }) {
  const pages = useConfigVersions();
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.versions) ?? [], [pages.data]);
  const close = () => navigate('/gateway/versions');
  useShortcuts([{ keys: 'Escape', does: 'Close the version', run: close }]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return (
    <Split detail={openNumber && <VersionDetail key={openNumber} number={openNumber} onClose={close} />}>
      {pages.error && <Failure error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isPending && <Loading what="versions" />}
      {pages.isSuccess && rows.length === 0 && (
        <Empty title="No version has been recorded yet">
          <p>Each configuration that takes effect is kept here, with who applied it and why.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Versions of the configuration"
          scroll
          rows={rows}
          columns={openNumber ? kCompactColumns : kColumns}
          rowId={(version) => String(version.number)}
          openId={openNumber === null ? null : String(openNumber)}
          onOpen={(version) => navigate(`/gateway/versions/${version.number}`)}
          onReachEnd={loadMore}
        />
      )}
    </Split>
  );
}

function VersionDetail({ number, onClose }: { number: number; onClose: () => void }) {
  const version = useConfigVersion(number);
  const running = useConfigVersions().data?.pages[0]?.versions.find((one) => one.running)?.number;
  const may = useMay();
  const [isUndoing, setUndoing] = useState(false);
  const { data, error } = version;
  const edit = () => {
    if (!data) return;
    setDraft({ text: data.text, base: running ?? data.number });
    navigate('/gateway/config');
  };
  return (
    <Detail
      label="Version"
      bodyLabel="Details of the version"
      title={<span className="clip">Version {number}</span>}
      actions={
        may('manage_gateway') && (
          <>
            {running === number && (
              <Button look="ghost" icon="undo" onClick={() => setUndoing(true)}>
                Undo
              </Button>
            )}
            <Button look="ghost" disabled={!data} onClick={edit}>
              Open in the editor
            </Button>
          </>
        )
      }
      onClose={onClose}
    >
      {error && <Failure error={error} onRetry={() => void version.refetch()} />}
      {version.isPending && <Loading what="the version" />}
      {data && (
        <>
          <FactList>
            <Fact name="In effect from">
              <Time us={data.at_us} as="instant" />
              {running === number && <Badge tone="good">running</Badge>}
            </Fact>
            <Fact name="By">
              {kSources[data.source]}
              {data.actor && <span className="mono faint">{data.actor}</span>}
            </Fact>
            {data.comment && <Fact name="Why">{data.comment}</Fact>}
            <Fact name="Server">{data.server}</Fact>
            <Fact name="Undo leads to">
              {data.previous === null ? (
                <span className="faint">nothing: it was the first</span>
              ) : (
                <Link href={`/gateway/versions/${data.previous}`}>version {data.previous}</Link>
              )}
            </Fact>
          </FactList>
          <Tabs
            label="Content"
            tabs={[
              { name: 'Changes', content: <VersionChanges number={number} /> },
              { name: 'Text', content: <RawText text={data.text} label={`Text of version ${number}`} /> },
            ]}
          />
        </>
      )}
      {isUndoing && <UndoDialog version={number} onClose={() => setUndoing(false)} />}
    </Detail>
  );
}

function VersionChanges({ number }: { number: number }) {
  const diff = useConfigDiff(number);
  return (
    <div className="version-changes">
      {diff.isPending && <Loading what="the difference" />}
      {diff.error && <Failure error={diff.error} onRetry={() => void diff.refetch()} />}
      {diff.data && (
        <>
          <p className="soft">
            {diff.data.from === 0 ? 'It was the first.' : `Against version ${diff.data.from}:`}
          </p>
          <DiffView diff={diff.data.diff} label={`What version ${number} changed`} />
        </>
      )}
    </div>
  );
}
