import { ApiError } from '../../api/client.ts';
import { useRequestRecord } from '../../api/queries.ts';
import { outcomeOf } from '../../api/request_facts.ts';
import type { RequestRecord } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { RawText } from '../../components/raw_text.tsx';
import { RequestStatus } from '../../components/status.tsx';
import { Detail } from '../../components/split.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import { navigate } from '../../router/router.tsx';
import { Conversation } from './conversation.tsx';
import { RequestFacts } from './request_facts.tsx';
import { TimingBar } from './timing_bar.tsx';
import './request_detail.css';

/** One record: when, how long, how much, which version, what was said. */
export function RequestDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const record = useRequestRecord(id);
  return (
    <Detail
      label="Request"
      bodyLabel="Record"
      onClose={onClose}
      title={
        <span className="mono clip" title={id}>
          {id}
        </span>
      }
      actions={
        <>
          {record.data?.endpoint === 'chat.completions' && (
            <Button look="ghost" icon="playground" onClick={() => navigate(`/playground?from=${id}`)}>
              Open in Playground
            </Button>
          )}
          <CopyButton text={id} label="Copy the id" />
          <CopyButton icon="link" text={() => location.origin + location.pathname} label="Copy a link" />
        </>
      }
    >
      {record.isPending && <Loading what="the record" />}
      {record.error && <NoRecord id={id} error={record.error} onRetry={() => void record.refetch()} />}
      {record.data && <Record record={record.data} />}
    </Detail>
  );
}

function NoRecord({ id, error, onRetry }: { id: string; error: Error; onRetry: () => void }) {
  if (!(error instanceof ApiError && error.status === 404))
    return <Failure error={error} onRetry={onRetry} />;
  return (
    <Empty title="No record has this id">
      <p>It may have been removed by retention. The command line looks in the same journal:</p>
      <Command>{`penstock requests show ${id}`}</Command>
    </Empty>
  );
}

function Record({ record }: { record: RequestRecord }) {
  const isChat = record.endpoint === 'chat.completions';
  return (
    <>
      <div className="detail-title">
        <h2 className="clip">{record.model}</h2>
        <RequestStatus request={record} />
        <span className="soft">
          <Time us={record.started_at_us} as="instant" /> · <Time us={record.ended_at_us} as="ago" />
        </span>
      </div>
      {record.error && <RecordedError error={record.error} status={record.status} />}
      {!record.error && outcomeOf(record) === 'cancelled' && (
        <p className="detail-note">The client went away before the end; what had been answered is below.</p>
      )}
      <TimingBar request={record} />
      <RequestFacts request={record} />
      <Tabs
        label="Content"
        tabs={[
          { name: isChat ? 'Messages' : 'Input and output', content: <Conversation record={record} /> },
          {
            name: 'JSON',
            content: <RawText text={JSON.stringify(record, null, 2)} label="The record as JSON" />,
          },
        ]}
      />
    </>
  );
}

function RecordedError({ error, status }: { error: { code: string; message: string }; status: number }) {
  return <Failure error={new ApiError(status, error.code, error.message)} />;
}
