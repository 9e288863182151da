import { useCallback, useMemo, useRef, useState } from 'react';
import { useBudgets } from '../../api/cost_queries.ts';
import { useGroups, useKeys } from '../../api/access_queries.ts';
import type { IssuedKey } from '../../api/access_types.ts';
import { useMay } from '../../api/me.ts';
import type { PageProps } from '../../app/pages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { useNarrow } from '../../components/media.ts';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { SecretDialog } from '../../components/secret_dialog.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Split } from '../../components/split.tsx';
import { navigate } from '../../router/router.tsx';
import type { SearchPatch } from '../../router/match.ts';
import { useUrlState } from '../../router/url_state.ts';
import { CreateGroupDialog } from './group_dialog.tsx';
import { compactTreeColumns, treeColumns } from './key_columns.tsx';
import { OpenNode } from './open_node.tsx';
import { CreateKeyDialog } from './key_dialog.tsx';
import { hrefOf, visibleNodes, type TreeNode } from './key_tree.ts';
import './keys_page.css';

type Dialog =
  { kind: 'key' } | { kind: 'group' } | { kind: 'secret'; issued: IssuedKey; title: string } | null;

/** Groups and keys as a tree, one of them open beside it. */
export default function KeysPage({ parameters }: PageProps) {
  const keys = useKeys();
  const groups = useGroups();
  const budgets = useBudgets();
  const may = useMay();
  const [url, setUrl] = useUrlState();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<Dialog>(null);
  const isNarrow = useNarrow(720);
  const openId = parameters.kind && parameters.id ? `${parameters.kind}:${parameters.id}` : null;
  const text = url.get('q') ?? '';
  const showEnded = url.get('ended') === '1';
  const nodes = useMemo(
    () => visibleNodes(groups.data?.items ?? [], keys.data?.items ?? [], { folded, text, showEnded }),
    [groups.data, keys.data, folded, text, showEnded],
  );
  const usage = useMemo(
    () => new Map((budgets.data ?? []).map((budget) => [budget.holder, budget])),
    [budgets.data],
  );
  const openGroup = parameters.kind === 'group' ? (parameters.id ?? '') : '';
  const isNew = keys.data?.items.length === 0 && groups.data?.items.length === 0;
  const close = () => navigate(`/keys${location.search}`);
  const canManage = may('manage_keys');
  useShortcuts([
    { keys: 'Escape', does: 'Close the key or group', run: close },
    ...(canManage ? [{ keys: 'n', does: 'New key', run: () => setDialog({ kind: 'key' }) }] : []),
  ]);
  const toggle = useCallback((node: TreeNode, isOpen: boolean) => {
    if (node.kind !== 'group') return;
    setFolded((before) => {
      const next = new Set(before);
      if (isOpen) next.delete(node.path);
      else next.add(node.path);
      return next;
    });
  }, []);
  const showSecret = (title: string) => (issued: IssuedKey) => {
    setDialog({ kind: 'secret', issued, title });
    navigate(`/keys/key/${encodeURIComponent(issued.key.id)}${location.search}`);
  };
  const detail = openId && keys.data && groups.data && (
    <OpenNode
      id={openId}
      keys={keys.data.items}
      groups={groups.data.items}
      usage={usage}
      onClose={close}
      onRotated={showSecret('New secret')}
    />
  );
  return (
    <>
      <header className="page-bar">
        <h1>Keys & budgets</h1>
        {canManage && (
          <>
            <Button icon="plus" onClick={() => setDialog({ kind: 'group' })}>
              New group
            </Button>
            <Button look="primary" icon="plus" onClick={() => setDialog({ kind: 'key' })} title="New key (n)">
              New key
            </Button>
          </>
        )}
      </header>
      {!isNew && <KeyFilters text={text} showEnded={showEnded} setUrl={setUrl} />}
      <Split detail={detail}>
        {[keys, groups].map(
          (list, index) =>
            list.error && <Failure key={index} error={list.error} onRetry={() => void list.refetch()} />,
        )}
        {(keys.isPending || groups.isPending) && <Loading what="keys and groups" />}
        {isNew && <NoKeys onCreate={canManage ? () => setDialog({ kind: 'key' }) : null} />}
        {keys.isSuccess && groups.isSuccess && !isNew && nodes.length === 0 && (
          <Empty title="Nothing matches">
            <Button onClick={() => setUrl({ q: null, ended: '1' })}>Show all, also ended ones</Button>
          </Empty>
        )}
        {nodes.length > 0 && (
          <DataTable
            label="Groups and keys"
            scroll
            rows={nodes}
            columns={openId || isNarrow ? compactTreeColumns(usage, isNarrow) : treeColumns(usage)}
            rowId={(node) => node.id}
            openId={openId}
            onOpen={(node) => navigate(`${hrefOf(node)}${location.search}`)}
            tree={{
              depth: (node) => node.depth,
              isOpen: (node) => (node.kind === 'group' ? node.isOpen : null),
              onToggle: toggle,
            }}
          />
        )}
        <Foot keys={keys} groups={groups} budgetsError={budgets.error} />
      </Split>
      {dialog?.kind === 'key' && (
        <CreateKeyDialog group={openGroup} onCreated={showSecret('Secret')} onClose={() => setDialog(null)} />
      )}
      {dialog?.kind === 'group' && (
        <CreateGroupDialog
          prefix={openGroup && `${openGroup}/`}
          onCreated={(group) => {
            setDialog(null);
            navigate(`/keys/group/${encodeURIComponent(group.path)}${location.search}`);
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog?.kind === 'secret' && (
        <SecretDialog
          title={`${dialog.title} of ${dialog.issued.key.name}`}
          secret={dialog.issued.secret}
          tryIt={`curl ${location.origin}/v1/models -H 'authorization: Bearer ${dialog.issued.secret}'`}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

function KeyFilters({
  text,
  showEnded,
  setUrl,
}: {
  text: string;
  showEnded: boolean;
  setUrl: (patch: SearchPatch) => void;
}) {
  const search = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', does: 'Find a key or group', run: () => search.current?.focus() }]);
  const setText = useCallback((q: string) => setUrl({ q }), [setUrl]);
  return (
    <div className="filters" role="search" aria-label="Filter keys">
      <FilterInput
        ref={search}
        label="Text"
        placeholder="Name, id or group  /"
        className="filter-text"
        value={text}
        onChange={setText}
      />
      <Segmented
        label="Status"
        value={showEnded ? 'all' : 'active'}
        options={[
          { value: 'active', label: 'Active' },
          { value: 'all', label: 'Also ended' },
        ]}
        onChange={(value) => setUrl({ ended: value === 'all' ? 1 : null })}
      />
    </div>
  );
}

function NoKeys({ onCreate }: { onCreate: (() => void) | null }) {
  return (
    <Empty title="There are no keys yet">
      <p>
        A key lets a program call models, within the limits and the budget that you give it. Groups put a
        budget on a team.
      </p>
      {onCreate && (
        <Button look="primary" icon="plus" onClick={onCreate}>
          Create the first key
        </Button>
      )}
      <Command>penstock keys create --name search-bot</Command>
    </Empty>
  );
}

function Foot({
  keys,
  groups,
  budgetsError,
}: {
  keys: ReturnType<typeof useKeys>;
  groups: ReturnType<typeof useGroups>;
  budgetsError: Error | null;
}) {
  if (!keys.data || !groups.data) return null;
  const isCut = keys.data.isCut || groups.data.isCut;
  return (
    <p className="split-foot num">
      {keys.data.items.length.toLocaleString('en-US')} keys,{' '}
      {groups.data.items.length.toLocaleString('en-US')} groups
      {isCut && <> · there are more, which only the command line lists</>}
      {budgetsError && <> · what budgets have spent is not known: {budgetsError.message}</>}
    </p>
  );
}
