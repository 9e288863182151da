import { useState } from 'react';
import type { Alias, ModelVersion } from '../../api/mlflow_types.ts';
import { useAliasActions, type EntryKind } from '../../api/registry_queries.ts';
import { Button } from '../../components/button.tsx';
import { Field, Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Select } from '../../components/select.tsx';

interface Props {
  kind: EntryKind;
  name: string;
  aliases: Alias[];
  versions: ModelVersion[];
  first: string;
  onClose: () => void;
}

/** To promote or to roll back is to move an alias. */
export function AliasDialog({ kind, name, aliases, versions, first, onClose }: Props) {
  const [alias, setAlias] = useState(aliases[0]?.alias ?? 'champion');
  const [version, setVersion] = useState(first);
  const { set } = useAliasActions(kind, name);
  const before = aliases.find((one) => one.alias === alias)?.version;
  const send = (to: string | null) =>
    set.mutate({ alias: alias.trim(), version: to }, { onSuccess: onClose });
  return (
    <Modal title={`Move an alias of ${name}`} open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form
          label="Move an alias"
          fields={['alias', 'version']}
          error={set.error}
          onSubmit={() => send(version)}
        >
          <TextField
            label="Alias"
            name="alias"
            value={alias}
            onChange={setAlias}
            suggestions={[
              ...new Set([...aliases.map((one) => one.alias), 'champion', 'challenger', 'production']),
            ]}
            help={before ? `Points at version ${before} now.` : 'A new alias.'}
            autoFocus
            mono
          />
          <Field label="Version" name="version">
            {() => (
              <Select
                label="Version"
                value={version}
                onChange={setVersion}
                options={versions.map((one) => ({ value: one.version, label: `Version ${one.version}` }))}
              />
            )}
          </Field>
          <FormActions
            submit={
              before === undefined ? `Point @${alias} at v${version}` : `Move from v${before} to v${version}`
            }
            isPending={set.isPending}
            isDisabled={alias.trim() === '' || version === '' || before === version}
            onCancel={onClose}
          >
            {before !== undefined && (
              <Button icon="trash" onClick={() => send(null)} disabled={set.isPending}>
                Take away
              </Button>
            )}
          </FormActions>
        </Form>
      </div>
    </Modal>
  );
}
