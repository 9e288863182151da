import { useState } from 'react';
import { useChangePassword } from '../../api/account_queries.ts';
import { useMe } from '../../api/me.ts';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Empty } from '../../components/notice.tsx';

/** One's own password. */
export function AccountTab() {
  const me = useMe().data;
  if (!me?.user)
    return (
      <Empty title="You are not logged in with an account">
        <p>Only accounts have a password.</p>
      </Empty>
    );
  if (!me.user.has_password)
    return (
      <Empty title="Your account has no password">
        <p>You log in through the identity provider. Whoever manages users can set a password.</p>
      </Empty>
    );
  return (
    <div className="page-content account">
      <PasswordForm />
    </div>
  );
}

function PasswordForm() {
  const change = useChangePassword();
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== password;
  return (
    <Form
      label="Change password"
      fields={['old_password', 'password']}
      error={change.error}
      onSubmit={() => change.mutate({ old_password: old, password })}
    >
      <p className="soft">All of your sessions end, also this one: log in with the new password.</p>
      <TextField
        label="Password now"
        name="old_password"
        type="password"
        autoComplete="current-password"
        value={old}
        onChange={setOld}
      />
      <TextField
        label="New password"
        name="password"
        type="password"
        autoComplete="new-password"
        help="At least 12 characters."
        value={password}
        onChange={setPassword}
      />
      <TextField
        label="New password again"
        name="again"
        type="password"
        autoComplete="new-password"
        help={differs ? 'It differs from the one above.' : undefined}
        value={again}
        onChange={setAgain}
      />
      <FormActions
        submit="Change password"
        isPending={change.isPending}
        isDisabled={old === '' || password === '' || again !== password}
      />
      {change.isSuccess && (
        <p className="soft" role="status">
          Changed. Log in again.
        </p>
      )}
    </Form>
  );
}
