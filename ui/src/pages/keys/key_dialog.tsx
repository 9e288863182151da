import { useState } from 'react';
import type { IssuedKey, Key } from '../../api/access_types.ts';
import { useCreateKey, useGroups, useUpdateKey } from '../../api/access_queries.ts';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { ExpiryField, expiryUs } from '../../components/expiry_field.tsx';
import { changesOf, draftOf, kEmptyUse, useOf, type UseDraft } from './use_draft.ts';
import { kUseFieldNames, UseFields } from './use_fields.tsx';

const kFields = ['name', 'group', 'expires_at_us', ...kUseFieldNames];

interface KeyDraft {
  name: string;
  group: string;
  expires: string;
  use: UseDraft;
}

interface CreateProps {
  /** The group that was chosen in the tree. */
  group: string;
  onCreated: (issued: IssuedKey) => void;
  onClose: () => void;
}

export function CreateKeyDialog({ group, onCreated, onClose }: CreateProps) {
  const create = useCreateKey();
  const [draft, setDraft] = useState<KeyDraft>({ name: '', group, expires: '', use: kEmptyUse });
  const submit = () => create.mutate(() => bodyOf(draft), { onSuccess: onCreated });
  return (
    <Modal title="New key" open wide onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="New key" fields={kFields} error={create.error} onSubmit={submit}>
          <KeyFields draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
          <FormActions submit="Create key" isPending={create.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

export function EditKeyDialog({ value, onClose }: { value: Key; onClose: () => void }) {
  const update = useUpdateKey(value.id);
  const [draft, setDraft] = useState<KeyDraft>({
    name: value.name,
    group: value.group ?? '',
    expires: value.expires_at_us === null ? '' : String(value.expires_at_us),
    use: draftOf(value),
  });
  const submit = () => update.mutate(() => changesOf(value, bodyOf(draft)), { onSuccess: onClose });
  return (
    <Modal title={`Edit ${value.name}`} open wide onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="Edit key" fields={kFields} error={update.error} onSubmit={submit}>
          <KeyFields draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
          <FormActions submit="Save" isPending={update.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

function bodyOf(draft: KeyDraft) {
  return {
    name: draft.name.trim(),
    group: draft.group.trim() || null,
    expires_at_us: expiryUs(draft.expires),
    ...useOf(draft.use),
  };
}

function KeyFields({ draft, onChange }: { draft: KeyDraft; onChange: (change: Partial<KeyDraft>) => void }) {
  const groups = useGroups().data?.items ?? [];
  return (
    <>
      <div className="form-columns">
        <TextField
          label="Name"
          name="name"
          placeholder="search-bot"
          autoFocus
          value={draft.name}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Group"
          name="group"
          placeholder="none"
          suggestions={groups.map(({ path }) => path)}
          value={draft.group}
          onChange={(group) => onChange({ group })}
        />
        <ExpiryField value={draft.expires} onChange={(expires) => onChange({ expires })} />
      </div>
      <UseFields draft={draft.use} onChange={(change) => onChange({ use: { ...draft.use, ...change } })} />
    </>
  );
}
