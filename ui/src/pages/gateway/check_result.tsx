import { useState } from 'react';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ConfigCheck } from '../../api/gateway_types.ts';
import { Button } from '../../components/button.tsx';
import { DiffView } from '../../components/diff_view.tsx';
import { Form, TextField } from '../../components/form.tsx';
import { NeedsRestart } from './config_state.tsx';

interface Props {
  result: ConfigCheck;
  /** Another version came between: what is to happen to it must be decided first. */
  isStale: boolean;
  apply: Pick<UseMutationResult, 'error' | 'isPending'>;
  onApply: (comment: string) => void;
  onGoTo: (line: number) => void;
}

/** What is wrong with a text, or what it would change and the button that does it. */
export function CheckResult({ result, isStale, apply, onApply, onGoTo }: Props) {
  const [comment, setComment] = useState('');
  if (!result.valid) return <Problems problems={result.problems} onGoTo={onGoTo} />;
  if (result.diff === '')
    return (
      <p className="soft" role="status">
        The text is right and changes nothing.
      </p>
    );
  return (
    <>
      <p className="config-fine" role="status">
        The text is right. It would change this:
      </p>
      <DiffView diff={result.diff} label="What would change" />
      <NeedsRestart sections={result.needs_restart} when="would change only with" />
      <Form label="Apply" fields={['comment']} error={apply.error} onSubmit={() => onApply(comment.trim())}>
        <TextField
          label="Why, for the list of versions"
          name="comment"
          placeholder="more weight for the canary"
          value={comment}
          onChange={setComment}
        />
        <div className="form-actions">
          <Button
            look="primary"
            type="submit"
            disabled={apply.isPending || isStale}
            isPending={apply.isPending}
          >
            Apply
          </Button>
        </div>
      </Form>
    </>
  );
}

function Problems({
  problems,
  onGoTo,
}: {
  problems: ConfigCheck['problems'];
  onGoTo: (line: number) => void;
}) {
  return (
    <div className="failure" role="alert">
      <div className="failure-head">
        <strong>
          {problems.length} {problems.length === 1 ? 'problem' : 'problems'}
        </strong>
        <span className="faint">nothing is applied</span>
      </div>
      <ol className="problems">
        {problems.map(({ line, column, message }, index) => (
          <li key={index}>
            {line !== null && (
              <button type="button" className="problem-place num" onClick={() => onGoTo(line)}>
                line {line}
                {column !== null && `, column ${column}`}
              </button>
            )}
            <span>{message}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
