import { useState } from 'react';
import { useCreateUser } from '../../api/account_queries.ts';
import type { Role } from '../../api/account_types.ts';
import { useMe } from '../../api/me.ts';
import { Field, Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Select } from '../../components/select.tsx';
import { navigate } from '../../router/router.tsx';
import { roleOptions } from './roles.ts';

interface Props {
  /** Nobody has an account yet, so that this one must be an owner. */
  isFirst: boolean;
  onClose: () => void;
}

export function CreateUserDialog({ isFirst, onClose }: Props) {
  const create = useCreateUser();
  const me = useMe().data;
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(isFirst ? 'owner' : 'developer');
  const [password, setPassword] = useState('');
  const submit = () =>
    create.mutate(
      { email: email.trim(), name: name.trim(), role, ...(password && { password }) },
      {
        onSuccess: (user) => {
          onClose();
          navigate(`/users/people/${user.id}`);
        },
      },
    );
  return (
    <Modal title="New account" open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form
          label="New account"
          fields={['email', 'name', 'role', 'password']}
          error={create.error}
          onSubmit={submit}
        >
          {isFirst && (
            <p className="user-note">
              This is the first account: it must be an owner, and from then on everybody has to log in, also
              you.
            </p>
          )}
          <TextField
            label="Address"
            name="email"
            type="email"
            placeholder="ada@example.com"
            autoFocus
            value={email}
            onChange={setEmail}
          />
          <TextField label="Name" name="name" placeholder="Ada Lovelace" value={name} onChange={setName} />
          <Field label="Role in the default project" name="role">
            {() => (
              <Select
                label="Role in the default project"
                value={role}
                options={roleOptions(!me || me.role === 'owner')}
                onChange={(chosen) => setRole(chosen as Role)}
              />
            )}
          </Field>
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            help="At least 12 characters; empty: only through the identity provider."
            value={password}
            onChange={setPassword}
          />
          <FormActions submit="Create account" isPending={create.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}
