import { useState } from 'react';
import { useRotateKey } from '../../api/access_queries.ts';
import type { IssuedKey, Key } from '../../api/access_types.ts';
import { Field, Form, FormActions } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Select } from '../../components/select.tsx';

const kOverlaps = [
  { value: '0', label: 'not at all' },
  { value: '3600', label: 'for an hour' },
  { value: '86400', label: 'for a day' },
  { value: '604800', label: 'for a week' },
  { value: '2592000', label: 'for 30 days' },
];

interface Props {
  value: Key;
  onRotated: (issued: IssuedKey) => void;
  onClose: () => void;
}

/** A new secret for the same key; clients may go over to it while the old one still works. */
export function RotateDialog({ value, onRotated, onClose }: Props) {
  const rotate = useRotateKey(value.id);
  const [overlap, setOverlap] = useState('86400');
  const submit = () => rotate.mutate(() => Number(overlap), { onSuccess: onRotated });
  return (
    <Modal title={`Rotate ${value.name}`} open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="Rotate key" fields={['overlap_s']} error={rotate.error} onSubmit={submit}>
          <p>
            The key gets a new secret. Limits, budget and what was spent stay.
            {value.previous_until_us !== null && ' The secret before the current one ends now.'}
          </p>
          <Field label="The current secret works on" name="overlap_s">
            {() => (
              <Select
                label="The current secret works on"
                value={overlap}
                options={kOverlaps}
                onChange={setOverlap}
              />
            )}
          </Field>
          <FormActions submit="Rotate" isPending={rotate.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}
