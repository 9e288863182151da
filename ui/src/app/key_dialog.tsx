import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { apiKey, setApiKey, useRefused } from '../api/credentials.ts';
import { Button } from '../components/button.tsx';
import { Modal } from '../components/modal.tsx';
import '../components/field.css';
import './key_dialog.css';

/** Appears when the server refuses for want of a key, and asks again with the one that was given. */
export function KeyDialog() {
  const wasRefused = useRefused();
  const [isDismissed, setDismissed] = useState(false);
  const client = useQueryClient();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    if (!key) return;
    setApiKey(key);
    void client.resetQueries();
  };
  return (
    <Modal
      title="This server asks for a key"
      open={wasRefused && !isDismissed}
      onOpenChange={() => setDismissed(true)}
    >
      <form className="modal-body key-form" onSubmit={submit}>
        <p className="soft">
          {apiKey() ? 'The key was not accepted. ' : ''}
          Enter one of the keys in <code>keys</code> of penstock.yaml. It is kept until this tab is closed.
        </p>
        <input
          className="field mono"
          type="password"
          name="key"
          aria-label="API key"
          autoComplete="off"
          autoFocus
        />
        <Button look="primary" type="submit">
          Continue
        </Button>
      </form>
    </Modal>
  );
}
