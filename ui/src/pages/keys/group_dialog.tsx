import { useState } from 'react';
import type { Group } from '../../api/access_types.ts';
import { useCreateGroup, useUpdateGroup } from '../../api/access_queries.ts';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { changesOf, draftOf, kEmptyUse, useOf, type UseDraft } from './use_draft.ts';
import { kUseFieldNames, UseFields } from './use_fields.tsx';

const kFields = ['path', 'description', ...kUseFieldNames];

interface CreateProps {
  /** What its path begins with: "acme/", or nothing. */
  prefix: string;
  onCreated: (group: Group) => void;
  onClose: () => void;
}

export function CreateGroupDialog({ prefix, onCreated, onClose }: CreateProps) {
  const create = useCreateGroup();
  const [path, setPath] = useState(prefix);
  const [description, setDescription] = useState('');
  const [use, setUse] = useState<UseDraft>(kEmptyUse);
  const submit = () =>
    create.mutate(() => ({ path: path.trim(), description: description.trim(), ...useOf(use) }), {
      onSuccess: onCreated,
    });
  return (
    <Modal title="New group" open wide onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="New group" fields={kFields} error={create.error} onSubmit={submit}>
          <TextField
            label="Path"
            name="path"
            placeholder="acme/search"
            help="acme/search stands below acme; a call needs the consent of both."
            autoFocus
            mono
            value={path}
            onChange={setPath}
          />
          <TextField label="Description" name="description" value={description} onChange={setDescription} />
          <UseFields draft={use} onChange={(change) => setUse({ ...use, ...change })} />
          <FormActions submit="Create group" isPending={create.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

export function EditGroupDialog({ value, onClose }: { value: Group; onClose: () => void }) {
  const update = useUpdateGroup(value.path);
  const [description, setDescription] = useState(value.description);
  const [use, setUse] = useState(() => draftOf(value));
  const submit = () =>
    update.mutate(() => changesOf(value, { description: description.trim(), ...useOf(use) }), {
      onSuccess: onClose,
    });
  return (
    <Modal title={`Edit ${value.path}`} open wide onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="Edit group" fields={kFields} error={update.error} onSubmit={submit}>
          <TextField label="Description" name="description" value={description} onChange={setDescription} />
          <UseFields draft={use} onChange={(change) => setUse({ ...use, ...change })} />
          <FormActions submit="Save" isPending={update.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}
