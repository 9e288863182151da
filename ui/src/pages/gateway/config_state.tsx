import { useState } from 'react';
import { useReloadConfig, useUndoConfig } from '../../api/gateway_queries.ts';
import type { Config } from '../../api/gateway_types.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { Failure } from '../../components/notice.tsx';
import { Time } from '../../components/time.tsx';
import { Link } from '../../router/router.tsx';

/** Which version is in effect, from which file and since when, and what stands in its way. */
export function ConfigState({ config, canApply }: { config: Config; canApply: boolean }) {
  const reload = useReloadConfig();
  const [isUndoing, setUndoing] = useState(false);
  return (
    <div className="config-state">
      <p className="form-row">
        <b>{config.version === 0 ? 'Not recorded yet' : `Version ${config.version}`}</b>
        <span className="soft">
          in effect since <Time us={config.since_us} as="minute" />
        </span>
        {config.file && (
          <span className="mono faint clip" title={config.file}>
            {config.file}
          </span>
        )}
        <span className="config-actions">
          {canApply && (
            <>
              <Button
                look="ghost"
                icon="redo"
                isPending={reload.isPending}
                disabled={reload.isPending}
                title="Read the file and the files of secrets again"
                onClick={() => reload.mutate(undefined)}
              >
                Reload
              </Button>
              <Button look="ghost" icon="undo" onClick={() => setUndoing(true)}>
                Undo
              </Button>
            </>
          )}
          <Link href="/gateway/versions">Versions</Link>
        </span>
      </p>
      {reload.error && <Failure error={reload.error} />}
      {reload.data && (
        <p className="soft" role="status">
          {reload.data.changed
            ? `Version ${reload.data.version} was read from the file.`
            : 'The file has not changed.'}
        </p>
      )}
      {config.problem && (
        <div className="failure" role="alert">
          <strong>The file as it stands now is not in effect</strong>
          <p>{config.problem}</p>
        </div>
      )}
      <NeedsRestart sections={config.needs_restart} when="differ from what runs; they need" />
      {isUndoing && <UndoDialog version={config.version} onClose={() => setUndoing(false)} />}
    </div>
  );
}

export function UndoDialog({ version, onClose }: { version: number; onClose: () => void }) {
  const undo = useUndoConfig();
  return (
    <ConfirmDialog
      title={`Undo version ${version}?`}
      action="Undo"
      isPending={undo.isPending}
      error={undo.error}
      onConfirm={() => undo.mutate(version, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>
        The version before it comes into effect again, as a new version, and is written to the file. Undone
        once more, the one before that.
      </p>
    </ConfirmDialog>
  );
}

export function NeedsRestart({ sections, when }: { sections: string[]; when: string }) {
  if (sections.length === 0) return null;
  return (
    <p className="config-restart" role="status">
      {sections.map((section, index) => (
        <span key={section}>
          {index > 0 && ', '}
          <code>{section}</code>
        </span>
      ))}{' '}
      {when} a restart of the server.
    </p>
  );
}
