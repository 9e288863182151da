import { useMemo, useState } from 'react';
import { useUsers } from '../../api/account_queries.ts';
import type { User } from '../../api/account_types.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { FilterInput } from '../../components/field.tsx';
import '../../components/filters.css';
import { useNarrow } from '../../components/media.ts';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { CreateUserDialog } from './create_user_dialog.tsx';
import { kDefaultProject, loginWords, roleIn } from './roles.ts';
import { UserDetail } from './user_detail.tsx';

const kColumns: Column<User>[] = [
  {
    id: 'email',
    header: 'Address',
    width: 'minmax(180px, 1.6fr)',
    sort: (user) => user.email,
    cell: (user) => (
      <Link href={`/users/people/${user.id}${location.search}`} tabIndex={-1}>
        <b>{user.email}</b>
      </Link>
    ),
  },
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(110px, 1fr)',
    sort: (user) => user.name,
    cell: (user) => user.name || <span className="faint">–</span>,
  },
  {
    id: 'role',
    header: 'Role',
    width: '100px',
    sort: (user) => roleIn(user, kDefaultProject),
    cell: (user) => roleIn(user, kDefaultProject) ?? <span className="faint">none</span>,
  },
  {
    id: 'state',
    header: 'State',
    width: '84px',
    cell: (user) => (
      <Badge tone={user.disabled ? 'bad' : 'good'}>{user.disabled ? 'disabled' : 'active'}</Badge>
    ),
  },
  {
    id: 'projects',
    header: 'Other projects',
    width: 'minmax(120px, 1.2fr)',
    cell: (user) => {
      const others = user.memberships.filter(({ project }) => project !== kDefaultProject);
      return (
        others.map(({ project, role }) => `${project} (${role})`).join(', ') || (
          <span className="faint">–</span>
        )
      );
    },
  },
  { id: 'login', header: 'Logs in with', width: 'minmax(130px, 0.8fr)', cell: loginWords },
  {
    id: 'made',
    header: 'Since',
    width: '100px',
    sort: (user) => user.created_at_us,
    cell: (user) => <Time us={user.created_at_us} as="day" />,
  },
];

const kCompactColumns = kColumns.filter(({ id }) => ['email', 'role', 'state'].includes(id));

/** Every account with its roles. */
export function PeopleTab({ openId }: { openId: string | null }) {
  const users = useUsers();
  const [url, setUrl] = useUrlState();
  const [isCreating, setCreating] = useState(false);
  const isNarrow = useNarrow(720);
  const text = url.get('q') ?? '';
  const setText = useMemo(() => (q: string) => setUrl({ q }), [setUrl]);
  const rows = useMemo(
    () =>
      users.data?.items.filter((user) =>
        `${user.email} ${user.name}`.toLowerCase().includes(text.toLowerCase()),
      ) ?? [],
    [users.data, text],
  );
  const open = users.data?.items.find(({ id }) => id === openId);
  const close = () => navigate(`/users/people${location.search}`);
  const isFirst = users.data?.items.length === 0;
  useShortcuts([
    { keys: 'n', does: 'New account', run: () => setCreating(true) },
    { keys: 'Escape', does: 'Close the account', run: close },
  ]);
  return (
    <>
      <div className="filters" role="search" aria-label="Filter people">
        <FilterInput
          label="Text"
          placeholder="Address or name"
          className="filter-text"
          value={text}
          onChange={setText}
        />
        <Button look="primary" icon="plus" title="New account (n)" onClick={() => setCreating(true)}>
          New account
        </Button>
      </div>
      <Split detail={open && <UserDetail key={open.id} user={open} onClose={close} />}>
        {users.error && <Failure error={users.error} onRetry={() => void users.refetch()} />}
        {users.isPending && <Loading what="people" />}
        {isFirst && <NoPeople />}
        {!isFirst && users.data && rows.length === 0 && (
          <Empty title="Nobody matches">
            <Button onClick={() => setUrl({ q: null })}>Show everybody</Button>
          </Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label="People"
            scroll
            rows={rows}
            columns={open || isNarrow ? kCompactColumns : kColumns}
            rowId={(user) => user.id}
            openId={openId}
            onOpen={(user) => navigate(`/users/people/${user.id}${location.search}`)}
            sort={url.get('sort') ?? ''}
            onSort={(sort) => setUrl({ sort })}
          />
        )}
      </Split>
      {isCreating && <CreateUserDialog isFirst={isFirst === true} onClose={() => setCreating(false)} />}
    </>
  );
}

function NoPeople() {
  return (
    <Empty title="There are no accounts yet">
      <p>
        Whoever reaches this server is its owner. With the first account, an owner, everybody has to log in.
      </p>
      <Command>penstock users create you@example.com --role owner</Command>
    </Empty>
  );
}
