import { Popover } from 'radix-ui';
import { useAuditVerdict } from '../../api/audit_queries.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { Failure } from '../../components/notice.tsx';
import { Dot, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount } from '../../format/numbers.ts';

/** Whether the hash chain holds from the first record to the last; opened, what was found and when. */
export function ChainState() {
  const verdict = useAuditVerdict();
  const { data, error, isFetching, dataUpdatedAt } = verdict;
  const records = data ? formatCount(data.records).value : '';
  const [tone, text]: [Tone, string] = isFetching
    ? ['calm', 'Verifying the chain…']
    : error
      ? ['warn', 'Not verified']
      : data?.sound
        ? ['good', `Chain verified: ${records} ${data.records === 1 ? 'record' : 'records'}`]
        : [
            'bad',
            `Chain broken: ${data?.findings.length} ${data?.findings.length === 1 ? 'finding' : 'findings'}`,
          ];
  return (
    <Popover.Root>
      <Popover.Trigger className="button button-plain">
        {isFetching ? <span className="spinner" aria-hidden="true" /> : <Dot tone={tone} />}
        <span aria-live="polite">{text}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="chain" align="end" sideOffset={6} aria-label="The chain of hashes">
          {error && <Failure error={error} />}
          {data && !data.sound && (
            <ul className="chain-findings">
              {data.findings.map((finding) => (
                <li key={finding}>{finding}</li>
              ))}
            </ul>
          )}
          {data?.sound && (
            <p>
              Each of the {records} records holds the hash of the one before: none was changed, left out,
              moved or cut off. Checked <Time us={dataUpdatedAt * 1000} as="ago" />.
            </p>
          )}
          {data?.head && (
            <p className="chain-head">
              <span className="soft">Newest hash; keep it elsewhere to prove more:</span>
              <span className="mono clip" title={data.head}>
                {data.head}
              </span>
              <CopyButton text={data.head} label="Copy the newest hash" />
            </p>
          )}
          <Button
            icon="shield"
            isPending={isFetching}
            disabled={isFetching}
            onClick={() => void verdict.refetch()}
          >
            Verify again
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
