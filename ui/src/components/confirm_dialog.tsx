import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Modal } from './modal.tsx';
import { Failure } from './notice.tsx';
import './form.css';

interface Props {
  title: string;
  /** What will be lost, for whom. */
  children: ReactNode;
  /** The verb on the button. */
  action: string;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once before something that cannot be taken back; shows its progress and its error where it was asked. */
export function ConfirmDialog({ title, children, action, isPending, error, onConfirm, onClose }: Props) {
  return (
    <Modal title={title} open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body form">
        {children}
        {error ? <Failure error={error} /> : null}
        <div className="form-actions">
          <Button onClick={onClose} autoFocus>
            Cancel
          </Button>
          <Button look="danger" onClick={onConfirm} disabled={isPending} isPending={isPending}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
