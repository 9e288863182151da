import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { CopyButton } from './copy_button.tsx';
import { Modal } from './modal.tsx';
import { Command } from './notice.tsx';
import './secret_dialog.css';

interface Props {
  title: string;
  secret: string;
  /** What else is to be known of it: an overlap, an expiry. */
  children?: ReactNode;
  /** A command that uses it, to try it at once. */
  tryIt?: string;
  onClose: () => void;
}

/** A secret, the only time that it is shown. A click beside the dialog does not close it. */
export function SecretDialog({ title, secret, children, tryIt, onClose }: Props) {
  return (
    <Modal title={title} open wide stays onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body secret">
        <p>
          <strong>Copy it now.</strong> It is shown this once; the server keeps only its hash.
        </p>
        <div className="secret-text">
          <input
            className="field mono"
            aria-label="Secret"
            readOnly
            value={secret}
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton text={secret} label="Copy the secret">
            Copy
          </CopyButton>
        </div>
        {children}
        {tryIt && (
          <>
            <p className="soft">Try it:</p>
            <Command>{tryIt}</Command>
          </>
        )}
        <div className="form-actions">
          <Button look="primary" onClick={onClose}>
            I have stored it
          </Button>
        </div>
      </div>
    </Modal>
  );
}
