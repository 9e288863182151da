import { Popover } from 'radix-ui';
import { useLogout } from '../api/account_queries.ts';
import type { Me } from '../api/account_types.ts';
import { apiKey } from '../api/credentials.ts';
import { useMe } from '../api/me.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Command, Failure } from '../components/notice.tsx';
import { Badge } from '../components/status.tsx';
import { Link } from '../router/router.tsx';
import './me_menu.css';

/** Who the server takes the reader for, with what role, and the way out. */
export function MeMenu() {
  const { data: me } = useMe();
  if (!me) return null;
  const name = nameOf(me);
  return (
    <Popover.Root>
      <Popover.Trigger className="nav-item" aria-label={`Who am I: ${name}, ${me.role}`} title={name}>
        <Icon name="user" />
        <span className="clip">{name}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="me" side="right" align="end" sideOffset={10} aria-label="Who am I">
          <p className="me-who">
            <b className="clip">{name}</b>
            <Badge tone="calm">{me.role}</Badge>
          </p>
          {me.user ? <Memberships me={me} /> : <NotAPerson me={me} />}
          {(me.user || apiKey()) && <Exit me={me} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function nameOf(me: Me): string {
  return me.name || me.user?.email || (me.id === '' ? 'No login' : me.id);
}

function Memberships({ me }: { me: Me }) {
  return (
    <>
      <ul className="me-roles">
        {me.user?.memberships.map(({ project, role }) => (
          <li key={project}>
            <span>{project}</span>
            <span className="soft">{role}</span>
          </li>
        ))}
      </ul>
      <Popover.Close asChild>
        <Link href="/users/tokens">My API tokens, sessions and password</Link>
      </Popover.Close>
    </>
  );
}

function NotAPerson({ me }: { me: Me }) {
  if (me.id !== '') return <p className="soft">Known by a key, {me.id}.</p>;
  return (
    <>
      <p className="soft">
        Nobody has to log in here: whoever reaches this server is its owner. That ends with the first account.
      </p>
      <Command>penstock users create you@example.com --role owner</Command>
    </>
  );
}

function Exit({ me }: { me: Me }) {
  const logout = useLogout();
  return (
    <>
      {logout.error && <Failure error={logout.error} />}
      <Button
        icon="logout"
        isPending={logout.isPending}
        disabled={logout.isPending}
        onClick={() => logout.mutate()}
      >
        {me.user ? 'Log out' : 'Forget the key'}
      </Button>
    </>
  );
}
