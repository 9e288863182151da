import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLogin, useLoginOptions } from '../api/account_queries.ts';
import { apiKey, setApiKey } from '../api/credentials.ts';
import { Button } from '../components/button.tsx';
import { Form, FormActions, TextField } from '../components/form.tsx';
import { Failure, Loading } from '../components/notice.tsx';
import './login_page.css';

const kSingleSignOn = '/api/v1/login/oidc';

/** Instead of everything, when the server refuses for want of a login: an account, the identity provider, or a key. */
export function LoginPage() {
  const options = useLoginOptions();
  const [wantsKey, setWantsKey] = useState(apiKey() !== '');
  const hasAccounts = options.data?.password || options.data?.single_sign_on;
  const showsKey = wantsKey || (options.data && !hasAccounts);
  return (
    <main className="login">
      <div className="login-box">
        <header>
          <img src="/favicon.svg" alt="" width="32" height="32" />
          <h1>Log in to Penstock</h1>
        </header>
        {options.isPending && <Loading what="the ways to log in" />}
        {options.error && <Failure error={options.error} onRetry={() => void options.refetch()} />}
        {options.data?.password && !showsKey && <PasswordForm />}
        {options.data?.single_sign_on && !showsKey && (
          <a className="button login-sso" href={kSingleSignOn}>
            Log in with {options.data.single_sign_on}
          </a>
        )}
        {(showsKey || options.error) && <KeyForm />}
        {hasAccounts && (
          <Button look="ghost" icon={showsKey ? 'user' : 'key'} onClick={() => setWantsKey(!showsKey)}>
            {showsKey ? 'Log in with an account' : 'Use a key instead'}
          </Button>
        )}
      </div>
    </main>
  );
}

function PasswordForm() {
  const login = useLogin();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  return (
    <Form
      label="Log in"
      fields={['email', 'password']}
      error={login.error}
      onSubmit={() => login.mutate({ email: email.trim(), password })}
    >
      <TextField
        label="Address"
        name="email"
        type="email"
        autoComplete="username"
        placeholder="ada@example.com"
        autoFocus
        value={email}
        onChange={setEmail}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      <FormActions
        submit="Log in"
        isPending={login.isPending}
        isDisabled={email.trim() === '' || password === ''}
      />
    </Form>
  );
}

function KeyForm() {
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const submit = () => {
    setApiKey(key.trim());
    void client.resetQueries();
  };
  return (
    <Form label="Use a key" fields={[]} error={null} onSubmit={submit}>
      {apiKey() && (
        <p className="form-error" role="alert">
          The key was not accepted.
        </p>
      )}
      <TextField
        label="API key"
        name="key"
        type="password"
        help="A key or an API token of this server. It is kept until this tab is closed."
        autoFocus
        mono
        value={key}
        onChange={setKey}
      />
      <FormActions submit="Continue" isPending={false} isDisabled={key.trim() === ''} />
    </Form>
  );
}
