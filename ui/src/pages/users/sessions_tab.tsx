import { useState } from 'react';
import { useEndSession, useSessions, type Whose } from '../../api/account_queries.ts';
import type { Session } from '../../api/account_types.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import '../../components/filters.css';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Time } from '../../components/time.tsx';
import { Owner, WhoseFilter } from './whose.tsx';

const kColumns: Column<Session>[] = [
  {
    id: 'user',
    header: 'Account',
    width: 'minmax(150px, 1.4fr)',
    cell: (session) => <Owner id={session.user} />,
  },
  {
    id: 'id',
    header: 'Id',
    width: 'minmax(120px, 1fr)',
    cell: (session) => <span className="mono soft">{session.id}</span>,
  },
  {
    id: 'since',
    header: 'Logged in',
    width: '160px',
    cell: (session) => <Time us={session.created_at_us} as="minute" />,
  },
  {
    id: 'until',
    header: 'Ends',
    width: '160px',
    cell: (session) => <Time us={session.expires_at_us} as="minute" />,
  },
  { id: 'actions', header: 'Actions', width: '110px', cell: (session) => <EndButton id={session.id} /> },
];

/** Browsers that are logged in. */
export function SessionsTab() {
  const [whose, setWhose] = useState<Whose>('me');
  const sessions = useSessions(whose);
  return (
    <>
      <div className="filters">
        <WhoseFilter value={whose} onChange={setWhose} />
      </div>
      <Split>
        {sessions.error && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
        {sessions.isPending && <Loading what="sessions" />}
        {sessions.data?.length === 0 && (
          <Empty title="There are no sessions">
            <p>A session begins when somebody logs in with an account.</p>
          </Empty>
        )}
        {sessions.data && sessions.data.length > 0 && (
          <DataTable
            label="Sessions"
            scroll
            rows={sessions.data}
            columns={kColumns}
            rowId={(session) => session.id}
          />
        )}
      </Split>
    </>
  );
}

/** A session that ended can be begun again by logging in, so nothing is asked. */
function EndButton({ id }: { id: string }) {
  const end = useEndSession(id);
  return (
    <Button
      look="ghost"
      isPending={end.isPending}
      disabled={end.isPending}
      title={end.error?.message}
      onClick={() => end.mutate()}
    >
      {end.error ? 'Failed; again' : 'End'}
    </Button>
  );
}
