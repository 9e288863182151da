import { useState } from 'react';
import type { ModelVersion } from '../../api/mlflow_types.ts';
import { valueOf } from '../../api/run_facts.ts';
import { useEntry, useEntryVersions, type EntryKind } from '../../api/registry_queries.ts';
import { useMay } from '../../api/me.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { navigate } from '../../router/router.tsx';
import { AliasDialog } from './alias_dialog.tsx';
import { AliasHistory } from './alias_history.tsx';
import { VersionDetail } from './version_detail.tsx';

const kColumns: Column<ModelVersion>[] = [
  {
    id: 'version',
    header: 'Version',
    width: '76px',
    cell: ({ version }) => <b>v{version}</b>,
  },
  {
    id: 'aliases',
    header: 'Aliases',
    width: 'minmax(140px, 1.2fr)',
    cell: ({ aliases = [] }) => (
      <span className="alias-chips">
        {aliases.map((alias) => (
          <span key={alias} className="alias">
            @{alias}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'created',
    header: 'Created',
    width: '140px',
    cell: ({ creation_timestamp: ms }) => (ms ? <Time us={ms * 1000} as="minute" /> : '–'),
  },
  {
    id: 'note',
    header: 'Description',
    width: 'minmax(140px, 2fr)',
    cell: (version) => <span className="soft">{noteOf(version)}</span>,
  },
  {
    id: 'state',
    header: 'State',
    width: '110px',
    cell: ({ status, current_stage: stage }) => {
      if (status && status !== 'READY')
        return <Badge tone="warn">{status.toLowerCase().replaceAll('_', ' ')}</Badge>;
      return stage && stage !== 'None' ? (
        <Badge tone="calm">{stage}</Badge>
      ) : (
        <span className="soft">ready</span>
      );
    },
  },
];

function noteOf(version: ModelVersion): string {
  return version.description || valueOf(version.tags, 'mlflow.prompt.commit_message') || '–';
}

interface Props {
  kind: EntryKind;
  name: string;
  openVersion: string | null;
  base: string;
}

/** One name: its aliases and their past, its versions, one of them open. */
export function EntryView({ kind, name, openVersion, base }: Props) {
  const entry = useEntry(name);
  const versions = useEntryVersions(kind, name);
  const [dialog, setDialog] = useState<'alias' | 'history' | null>(null);
  const mayChange = useMay()('develop');
  const path = `${base}/${encodeURIComponent(name)}`;
  const close = () => navigate(path);
  useShortcuts([{ keys: 'Escape', does: 'Close the version', run: close }]);
  const error = entry.error ?? versions.error;
  if (error) return <Failure error={error} onRetry={() => void versions.refetch()} />;
  if (!entry.data || !versions.data) return <Loading what={name} />;
  const open = versions.data.find(({ version }) => version === openVersion);
  return (
    <>
      <div className="filters entry-bar">
        {entry.data.aliases?.map(({ alias, version }) => (
          <span key={alias} className="alias">
            @{alias} <b>v{version}</b>
          </span>
        ))}
        {!entry.data.aliases?.length && <span className="soft">No alias points here yet.</span>}
        <span className="entry-actions">
          <Button icon="undo" onClick={() => setDialog('history')}>
            History
          </Button>
          {mayChange && (
            <Button icon="sliders" look="primary" onClick={() => setDialog('alias')}>
              Move an alias
            </Button>
          )}
        </span>
      </div>
      {entry.data.description && <p className="entry-note">{entry.data.description}</p>}
      <Split
        detail={
          open && (
            <VersionDetail
              key={open.version}
              kind={kind}
              version={open}
              others={versions.data.map(({ version }) => version)}
              onClose={close}
            />
          )
        }
      >
        {versions.data.length === 0 ? (
          <Empty title="No version yet" />
        ) : (
          <DataTable
            label="Versions"
            scroll
            rows={versions.data}
            columns={kColumns}
            rowId={({ version }) => version}
            openId={openVersion}
            onOpen={({ version }) => navigate(`${path}/${version}`)}
          />
        )}
      </Split>
      {dialog === 'alias' && (
        <AliasDialog
          kind={kind}
          name={name}
          aliases={entry.data.aliases ?? []}
          versions={versions.data}
          first={open?.version ?? versions.data[0]?.version ?? ''}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'history' && <AliasHistory kind={kind} name={name} onClose={() => setDialog(null)} />}
    </>
  );
}
