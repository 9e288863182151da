import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import './modal.css';

interface Props {
  title: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  wide?: boolean;
  /** A click beside it does not close it. */
  stays?: boolean;
  children: ReactNode;
}

export function Modal({ title, open, onOpenChange, wide = false, stays = false, children }: Props) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="modal-overlay" />
        <Dialog.Content
          data-modal
          className={`modal ${wide ? 'modal-wide' : ''}`}
          aria-describedby={undefined}
          onInteractOutside={stays ? (event) => event.preventDefault() : undefined}
        >
          <header>
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
