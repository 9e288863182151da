import type { AuditRecord } from '../../api/access_types.ts';
import { CopyButton } from '../../components/copy_button.tsx';
import { DiffView, FieldDiff } from '../../components/diff_view.tsx';
import { Fact, FactList, Section } from '../../components/facts.tsx';
import { RawText } from '../../components/raw_text.tsx';
import { Detail } from '../../components/split.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import { Link } from '../../router/router.tsx';
import { actorName, nameOf } from './audit_columns.tsx';

export function AuditDetail({ record, onClose }: { record: AuditRecord; onClose: () => void }) {
  return (
    <Detail
      label="Audit record"
      bodyLabel="Record"
      title={<span className="clip num audit-number">No. {record.sequence}</span>}
      actions={<CopyButton icon="link" text={() => location.href} label="Copy a link" />}
      onClose={onClose}
    >
      <div className="detail-title">
        <h2 className="clip">{record.action}</h2>
        <span className="soft">
          <Time us={record.at_us} as="instant" /> · <Time us={record.at_us} as="ago" />
        </span>
      </div>
      <FactList>
        <Fact name="Actor">
          <Link href={`/audit?actor=${encodeURIComponent(record.actor)}`}>{actorName(record)}</Link>
          {record.actor && <span className="mono faint">{record.actor}</span>}
        </Fact>
        <Fact name="Object">
          <Link href={`/audit?object=${encodeURIComponent(record.object)}`}>
            {nameOf(record) ?? record.object}
          </Link>
          {nameOf(record) && <span className="mono faint">{record.object}</span>}
        </Fact>
        {record.request_id && (
          <Fact name="Request">
            <span className="mono">{record.request_id}</span>
            <CopyButton text={record.request_id} label="Copy the request's id" />
          </Fact>
        )}
      </FactList>
      <Tabs
        label="Content"
        tabs={[
          {
            name: 'Changes',
            content: (
              <div className="audit-changes">
                <Changes record={record} />
              </div>
            ),
          },
          {
            name: 'JSON',
            content: <RawText text={JSON.stringify(record, null, 2)} label="The record as JSON" />,
          },
        ]}
      />
      <Section title="Chain">
        <FactList>
          <Hash name="Hash" hash={record.hash} />
          <Hash name="Record before" hash={record.previous} />
        </FactList>
      </Section>
    </Detail>
  );
}

/** A change of the configuration tells its difference as text. */
function Changes({ record }: { record: AuditRecord }) {
  const { diff, ...after } = record.after ?? {};
  if (typeof diff !== 'string') return <FieldDiff before={record.before} after={record.after} />;
  return (
    <>
      <DiffView diff={diff} label="What changed in the configuration" />
      <FieldDiff before={record.before} after={after} />
    </>
  );
}

function Hash({ name, hash }: { name: string; hash: string }) {
  return (
    <Fact name={name}>
      <span className="mono clip audit-hash" title={hash}>
        {hash}
      </span>
      <CopyButton text={hash} label={`Copy: ${name}`} />
    </Fact>
  );
}
