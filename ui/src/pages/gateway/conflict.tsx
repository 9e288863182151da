import { useConfigDiff } from '../../api/gateway_queries.ts';
import { Button } from '../../components/button.tsx';
import { DiffView } from '../../components/diff_view.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { setDraft, type ConfigDraft } from './config_draft.ts';

interface Props {
  draft: ConfigDraft;
  running: number;
  onDiscard: () => void;
}

/** Somebody applied another version while this text was written: shows it, and asks what shall become of both. */
export function Conflict({ draft, running, onDiscard }: Props) {
  const diff = useConfigDiff(running, draft.base);
  return (
    <div className="config-conflict" role="alert">
      <p>
        <b>
          Version {running} came into effect while you were editing version {draft.base}.
        </b>{' '}
        Yours would undo what it changed, unless you take that over into your text:
      </p>
      {diff.isPending && <Loading what="what it changed" />}
      {diff.error && <Failure error={diff.error} />}
      {diff.data && <DiffView diff={diff.data.diff} label={`What version ${running} changed`} />}
      <div className="form-row">
        <Button onClick={() => setDraft({ ...draft, base: running })}>I have seen it; keep my text</Button>
        <Button look="ghost" icon="undo" onClick={onDiscard}>
          Discard my text
        </Button>
      </div>
    </div>
  );
}
