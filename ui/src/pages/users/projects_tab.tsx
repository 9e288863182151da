import { useState } from 'react';
import { useCreateProject, useDeleteProject, useProjects } from '../../api/account_queries.ts';
import type { Project } from '../../api/account_types.ts';
import { useMay } from '../../api/me.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm_dialog.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import '../../components/filters.css';
import { Form, FormActions, TextField } from '../../components/form.tsx';
import { Modal } from '../../components/modal.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Time } from '../../components/time.tsx';
import { kDefaultProject } from './roles.ts';

/** Projects, each of which has its own roles. */
export function ProjectsTab() {
  const projects = useProjects();
  const canManage = useMay()('manage_projects');
  const [dialog, setDialog] = useState<{ kind: 'create' } | { kind: 'delete'; name: string } | null>(null);
  const columns: Column<Project>[] = [
    {
      id: 'name',
      header: 'Project',
      width: 'minmax(140px, 1fr)',
      cell: (project) => <b>{project.name}</b>,
    },
    {
      id: 'description',
      header: 'Description',
      width: 'minmax(160px, 3fr)',
      cell: (project) => project.description || <span className="faint">–</span>,
    },
    {
      id: 'made',
      header: 'Since',
      width: '110px',
      cell: (project) =>
        project.created_at_us > 0 ? (
          <Time us={project.created_at_us} as="day" />
        ) : (
          <span className="faint">–</span>
        ),
    },
    {
      id: 'actions',
      header: 'Actions',
      width: '76px',
      cell: ({ name }) =>
        canManage &&
        name !== kDefaultProject && (
          <IconButton
            icon="trash"
            label={`Delete ${name}`}
            onClick={() => setDialog({ kind: 'delete', name })}
          />
        ),
    },
  ];
  return (
    <>
      {canManage && (
        <div className="filters">
          <Button look="primary" icon="plus" onClick={() => setDialog({ kind: 'create' })}>
            New project
          </Button>
        </div>
      )}
      <Split>
        {projects.error && <Failure error={projects.error} onRetry={() => void projects.refetch()} />}
        {projects.isPending && <Loading what="projects" />}
        {projects.data && (
          <DataTable
            label="Projects"
            scroll
            rows={projects.data}
            columns={columns}
            rowId={(project) => project.name}
          />
        )}
      </Split>
      {dialog?.kind === 'create' && <CreateDialog onClose={() => setDialog(null)} />}
      {dialog?.kind === 'delete' && <DeleteDialog name={dialog.name} onClose={() => setDialog(null)} />}
    </>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateProject();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const submit = () =>
    create.mutate({ name: name.trim(), description: description.trim() }, { onSuccess: onClose });
  return (
    <Modal title="New project" open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        <Form label="New project" fields={['name', 'description']} error={create.error} onSubmit={submit}>
          <TextField
            label="Name"
            name="name"
            placeholder="search"
            autoFocus
            value={name}
            onChange={setName}
          />
          <TextField label="Description" name="description" value={description} onChange={setDescription} />
          <FormActions submit="Create project" isPending={create.isPending} onCancel={onClose} />
        </Form>
      </div>
    </Modal>
  );
}

function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const remove = useDeleteProject(name);
  return (
    <ConfirmDialog
      title={`Delete the project ${name}?`}
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>Its roles end with it. Accounts stay.</p>
    </ConfirmDialog>
  );
}
