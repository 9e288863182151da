import { useRef } from 'react';
import { useApplyConfig, useCheckConfig, useConfig } from '../../api/gateway_queries.ts';
import type { Config } from '../../api/gateway_types.ts';
import { useMay } from '../../api/me.ts';
import { Button } from '../../components/button.tsx';
import { Command, Failure, Loading } from '../../components/notice.tsx';
import { CheckResult } from './check_result.tsx';
import { setDraft, useDraft } from './config_draft.ts';
import { ConfigState } from './config_state.tsx';
import { Conflict } from './conflict.tsx';
import { YamlEditor, type EditorHandle } from './yaml_editor.tsx';

/** The configuration in effect, and the next one: written, checked, compared, applied. */
export function ConfigTab() {
  const config = useConfig();
  if (config.isPending) return <Loading what="the configuration" />;
  if (!config.data) {
    return (
      <div className="page-content">
        <Failure error={config.error} onRetry={() => void config.refetch()} />
      </div>
    );
  }
  return <Workbench config={config.data} refreshError={config.error} />;
}

function Workbench({ config, refreshError }: { config: Config; refreshError: Error | null }) {
  const may = useMay();
  const draft = useDraft();
  const check = useCheckConfig();
  const apply = useApplyConfig();
  const editor = useRef<EditorHandle>(null);
  const text = draft?.text ?? config.text;
  const canApply = may('manage_gateway') && config.file !== null;
  const isChanged = draft !== null && draft.text !== config.text;
  // What was checked is said only of that very text.
  const checked = check.variables === text ? check : null;
  const edit = (next: string) => {
    apply.reset();
    setDraft({ text: next, base: draft?.base ?? config.version });
  };
  const discard = () => {
    setDraft(null);
    check.reset();
    apply.reset();
  };
  const runCheck = () => {
    apply.reset();
    check.mutate(text);
  };
  const runApply = (comment: string) =>
    apply.mutate(
      { text, comment, base_version: draft?.base ?? config.version },
      { onSuccess: () => setDraft(null) },
    );
  const marked = new Set(checked?.data?.problems.flatMap(({ line }) => line ?? []) ?? []);
  return (
    <div className="config">
      <section className="config-text" aria-label="Configuration">
        <ConfigState config={config} canApply={canApply} />
        <YamlEditor
          ref={editor}
          text={text}
          isReadOnly={!canApply}
          marked={marked}
          onChange={edit}
          onCheck={runCheck}
        />
      </section>
      <section className="config-side" aria-label="Change">
        {refreshError && <Failure error={refreshError} />}
        {config.file === null && <NoFile />}
        {canApply && (
          <div className="form-row">
            <Button icon="check" isPending={check.isPending} disabled={check.isPending} onClick={runCheck}>
              Check
            </Button>
            <kbd className="faint">Ctrl Enter</kbd>
            {isChanged && (
              <Button look="ghost" icon="undo" onClick={discard}>
                Discard my changes
              </Button>
            )}
          </div>
        )}
        {draft && draft.base !== config.version && isChanged && (
          <Conflict draft={draft} running={config.version} onDiscard={discard} />
        )}
        {checked?.error && <Failure error={checked.error} />}
        {checked?.data && !apply.isSuccess && (
          <CheckResult
            result={checked.data}
            isStale={draft !== null && draft.base !== config.version}
            apply={apply}
            onApply={runApply}
            onGoTo={(line) => editor.current?.goTo(line)}
          />
        )}
        {apply.data && <Applied version={apply.data.version} changed={apply.data.changed} />}
        {!checked && !apply.data && canApply && (
          <p className="soft">
            {isChanged
              ? 'Check the text to see what it would change; nothing is applied yet.'
              : 'Edit the text, check it, see the difference, apply it. No request fails meanwhile, and every version can be undone.'}
          </p>
        )}
      </section>
    </div>
  );
}

function Applied({ version, changed }: { version: number; changed: boolean }) {
  return (
    <p className="config-done" role="status">
      {changed ? (
        <>
          <b>Version {version} is in effect.</b> Requests go by it from now on.
        </>
      ) : (
        <>This text was in effect already, as version {version}.</>
      )}
    </p>
  );
}

function NoFile() {
  return (
    <div className="config-note">
      <p>The server was started without a configuration file, so there is nothing to write a change to.</p>
      <Command>penstock serve --config penstock.yaml</Command>
    </div>
  );
}
