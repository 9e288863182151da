import { useState } from 'react';
import { usePromptDiff } from '../../api/registry_queries.ts';
import { DiffView } from '../../components/diff_view.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { Select } from '../../components/select.tsx';
import './prompts.css';

/** What this version says otherwise than another one; the one before it unless asked. */
export function PromptDiff({ name, version, others }: { name: string; version: string; others: string[] }) {
  const earlier = others.filter((other) => Number(other) < Number(version));
  const [from, setFrom] = useState(earlier[0] ?? others.find((other) => other !== version) ?? '');
  const diff = usePromptDiff(name, from, version);
  if (from === '') return <p className="prompt soft">There is no other version to compare with.</p>;
  return (
    <div className="prompt">
      <Select
        label="Compare with"
        value={from}
        onChange={setFrom}
        options={others
          .filter((other) => other !== version)
          .map((other) => ({ value: other, label: `Since version ${other}` }))}
      />
      {diff.error && <Failure error={diff.error} onRetry={() => void diff.refetch()} />}
      {diff.isLoading && <Loading what="the changes" />}
      {diff.data !== undefined && <DiffView diff={diff.data} label={`From version ${from} to ${version}`} />}
    </div>
  );
}
