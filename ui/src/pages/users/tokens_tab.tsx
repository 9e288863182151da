import { useState } from 'react';
import { useCreateToken, useDeleteToken, useTokens, type Whose } from '../../api/account_queries.ts';
import type { IssuedToken, Token } from '../../api/account_types.ts';
import { useMe } from '../../api/me.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { ExpiryField, expiryUs } from '../../components/expiry_field.tsx';
import '../../components/filters.css';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Empty, Failure, Loading } from '../../components/notice.tsx';
import { SecretDialog } from '../../components/secret_dialog.tsx';
import { Split } from '../../components/split.tsx';
import { Time } from '../../components/time.tsx';
import { Owner, WhoseFilter } from './whose.tsx';

type Dialog =
  { kind: 'create' } | { kind: 'secret'; issued: IssuedToken } | { kind: 'delete'; token: Token } | null;

/** Secrets with which programs act as their user. */
export function TokensTab() {
  const [whose, setWhose] = useState<Whose>('me');
  const tokens = useTokens(whose);
  const isPerson = Boolean(useMe().data?.user);
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  const columns = columnsFor((token) => setDialog({ kind: 'delete', token }));
  return (
    <>
      <div className="filters">
        <WhoseFilter value={whose} onChange={setWhose} />
        {isPerson && (
          <Button look="primary" icon="plus" onClick={() => setDialog({ kind: 'create' })}>
            New token
          </Button>
        )}
      </div>
      <Split>
        {tokens.error && <Failure error={tokens.error} onRetry={() => void tokens.refetch()} />}
        {tokens.isPending && <Loading what="tokens" />}
        {tokens.data?.items.length === 0 && (
          <Empty title="There are no API tokens">
            <p>
              {isPerson
                ? 'A token lets a script do what you may do. For programs that call models, make a key instead.'
                : 'A token belongs to an account, and you are not logged in with one.'}
            </p>
          </Empty>
        )}
        {tokens.data && tokens.data.items.length > 0 && (
          <DataTable
            label="API tokens"
            scroll
            rows={tokens.data.items}
            columns={columns}
            rowId={(token) => token.id}
          />
        )}
      </Split>
      {dialog?.kind === 'create' && (
        <CreateDialog onCreated={(issued) => setDialog({ kind: 'secret', issued })} onClose={close} />
      )}
      {dialog?.kind === 'secret' && (
        <SecretDialog
          title={`Secret of ${dialog.issued.token.name}`}
          secret={dialog.issued.secret}
          tryIt={`curl ${location.origin}/api/v1/me -H 'authorization: Bearer ${dialog.issued.secret}'`}
          onClose={close}
        />
      )}
      {dialog?.kind === 'delete' && <DeleteDialog token={dialog.token} onClose={close} />}
    </>
  );
}

function columnsFor(onDelete: (token: Token) => void): Column<Token>[] {
  return [
    { id: 'name', header: 'Token', width: 'minmax(140px, 1.4fr)', cell: (token) => <b>{token.name}</b> },
    {
      id: 'user',
      header: 'Account',
      width: 'minmax(150px, 1.2fr)',
      cell: (token) => <Owner id={token.user} />,
    },
    {
      id: 'id',
      header: 'Id',
      width: 'minmax(120px, 0.8fr)',
      cell: (token) => <span className="mono soft">{token.id}</span>,
    },
    {
      id: 'made',
      header: 'Since',
      width: '110px',
      cell: (token) => <Time us={token.created_at_us} as="day" />,
    },
    {
      id: 'expires',
      header: 'Expires',
      width: '110px',
      cell: (token) =>
        token.expires_at_us === null ? (
          <span className="faint">never</span>
        ) : (
          <Time us={token.expires_at_us} as="day" />
        ),
    },
    {
      id: 'actions',
      header: 'Actions',
      width: '76px',
      cell: (token) => (
        <IconButton icon="trash" label={`End ${token.name}`} onClick={() => onDelete(token)} />
      ),
    },
  ];
}

function CreateDialog({
  onCreated,
  onClose,
}: {
  onCreated: (issued: IssuedToken) => void;
  onClose: () => void;
}) {
  const create = useCreateToken();
  const [name, setName] = useState('');
  const [expires, setExpires] = useState('90d');
  const submit = () =>
    create.mutate({ name: name.trim(), expires_at_us: expiryUs(expires) }, { onSuccess: onCreated });
  return (
    <Modal title="New API token" open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="New API token" fields={['name', 'expires_at_us']} error={create.error} onSubmit={submit}>
          <p className="soft">It may do whatever you may do, until it expires or you end it.</p>
          <TextField
            label="Name"
            name="name"
            placeholder="deploy script"
            autoFocus
            value={name}
            onChange={setName}
          />
          <ExpiryField value={expires} onChange={setExpires} />
          <FormActions submit="Create token" isPending={create.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

function DeleteDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const remove = useDeleteToken(token.id);
  return (
    <ConfirmDialog
      title={`End the token ${token.name}?`}
      action="End it"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>Whatever uses it is refused from now on.</p>
    </ConfirmDialog>
  );
}
