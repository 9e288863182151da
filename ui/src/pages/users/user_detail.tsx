import { useState } from 'react';
import { useDeleteUser, useProjects, useSetRole, useUpdateUser } from '../../api/account_queries.ts';
import type { Role, User } from '../../api/account_types.ts';
import { useMay, useMe } from '../../api/me.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { Fact, FactList, Section } from '../../components/facts.tsx';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Failure } from '../../components/notice.tsx';
import { Select } from '../../components/select.tsx';
import { Detail } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { Link } from '../../router/router.tsx';
import { loginWords, roleIn, roleOptions } from './roles.ts';

type Dialog = 'edit' | 'password' | 'disable' | 'delete' | null;

export function UserDetail({ user, onClose }: { user: User; onClose: () => void }) {
  const may = useMay();
  const enable = useUpdateUser(user.id);
  const [dialog, setDialog] = useState<Dialog>(null);
  const done = () => setDialog(null);
  return (
    <Detail
      label="Account"
      bodyLabel="Details of the account"
      title={<span className="clip">Account</span>}
      actions={
        <>
          <Button look="ghost" onClick={() => setDialog('edit')}>
            Rename
          </Button>
          <Button look="ghost" onClick={() => setDialog('password')}>
            Set password
          </Button>
          {user.disabled ? (
            <Button
              look="ghost"
              isPending={enable.isPending}
              onClick={() => enable.mutate({ disabled: false })}
            >
              Enable
            </Button>
          ) : (
            <Button look="ghost" onClick={() => setDialog('disable')}>
              Disable
            </Button>
          )}
          <Button look="danger" onClick={() => setDialog('delete')}>
            Delete
          </Button>
        </>
      }
      onClose={onClose}
    >
      <div className="detail-title">
        <h2 className="clip">{user.email}</h2>
        <Badge tone={user.disabled ? 'bad' : 'good'}>{user.disabled ? 'disabled' : 'active'}</Badge>
      </div>
      {enable.error && <Failure error={enable.error} />}
      <FactList>
        <Fact name="Name">{user.name || <span className="faint">none</span>}</Fact>
        <Fact name="Logs in with">{loginWords(user)}</Fact>
        <Fact name="Since">
          <Time us={user.created_at_us} as="minute" />
        </Fact>
        <Fact name="Id">
          <span className="mono">{user.id}</span>
        </Fact>
      </FactList>
      <Roles user={user} />
      {may('read_audit') && (
        <Section title="What they did">
          <p className="user-links">
            <Link href={`/audit?actor=user:${user.id}`}>Their changes</Link>
            <Link href={`/audit?object=user:${user.id}`}>Changes of this account</Link>
          </p>
        </Section>
      )}
      {dialog === 'edit' && <RenameDialog user={user} onClose={done} />}
      {dialog === 'password' && <PasswordDialog user={user} onClose={done} />}
      {dialog === 'disable' && <DisableDialog user={user} onClose={done} />}
      {dialog === 'delete' && <DeleteDialog user={user} onDeleted={onClose} onClose={done} />}
    </Detail>
  );
}

/** A role per project; each change counts at once. */
function Roles({ user }: { user: User }) {
  const projects = useProjects();
  const me = useMe().data;
  const setRole = useSetRole(user.id);
  const names = [
    ...new Set([
      ...(projects.data ?? []).map(({ name }) => name),
      ...user.memberships.map(({ project }) => project),
    ]),
  ];
  const options = [
    { value: '', label: 'not a member', hint: '' },
    ...roleOptions(!me || me.role === 'owner' || user.memberships.some(({ role }) => role === 'owner')),
  ];
  return (
    <Section title="Roles">
      {projects.error && <Failure error={projects.error} />}
      <FactList>
        {names.map((project) => (
          <Fact key={project} name={project}>
            <Select
              label={`Role in ${project}`}
              value={roleIn(user, project) ?? ''}
              options={options}
              onChange={(role) => setRole.mutate({ project, role: (role || null) as Role | null })}
            />
            {setRole.isPending && setRole.variables.project === project && (
              <span className="spinner" role="status" aria-label="Saving" />
            )}
          </Fact>
        ))}
      </FactList>
      {setRole.error && <Failure error={setRole.error} />}
    </Section>
  );
}

function RenameDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const update = useUpdateUser(user.id);
  const [name, setName] = useState(user.name);
  return (
    <Modal title={`Rename ${user.email}`} open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form
          label="Rename"
          fields={['name']}
          error={update.error}
          onSubmit={() => update.mutate({ name: name.trim() }, { onSuccess: onClose })}
        >
          <TextField label="Name" name="name" autoFocus value={name} onChange={setName} />
          <FormActions submit="Save" isPending={update.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

function PasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const update = useUpdateUser(user.id);
  const [password, setPassword] = useState('');
  return (
    <Modal title={`A new password for ${user.email}`} open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form
          label="Set password"
          fields={['password']}
          error={update.error}
          onSubmit={() => update.mutate({ password }, { onSuccess: onClose })}
        >
          <p>All of their sessions end. Tell them the password in person; they can change it.</p>
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            help="At least 12 characters."
            autoFocus
            value={password}
            onChange={setPassword}
          />
          <FormActions submit="Set password" isPending={update.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

function DisableDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const update = useUpdateUser(user.id);
  return (
    <ConfirmDialog
      title={`Disable ${user.email}?`}
      action="Disable"
      isPending={update.isPending}
      error={update.error}
      onConfirm={() => update.mutate({ disabled: true }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>They are logged out, and their API tokens are refused, until you enable the account again.</p>
    </ConfirmDialog>
  );
}

function DeleteDialog({
  user,
  onDeleted,
  onClose,
}: {
  user: User;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const remove = useDeleteUser(user.id);
  return (
    <ConfirmDialog
      title={`Delete ${user.email}?`}
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onDeleted })}
      onClose={onClose}
    >
      <p>
        The account goes with its roles, API tokens and sessions. What they did stays in the audit journal.
      </p>
    </ConfirmDialog>
  );
}
