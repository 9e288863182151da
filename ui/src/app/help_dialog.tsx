import { Modal } from '../components/modal.tsx';
import { activeShortcuts } from './shortcuts.ts';
import './help_dialog.css';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The keys that work on the page behind. */
export function HelpDialog({ open, onOpenChange }: Props) {
  const always = [
    { keys: 'Ctrl K', does: 'Search or jump (⌘ K on a Mac)' },
    { keys: '↑ ↓', does: 'Move in a list (also j and k)' },
    { keys: 'Enter', does: 'Open the row' },
    { keys: 'Esc', does: 'Close what is open' },
  ];
  const shortcuts = open ? [...activeShortcuts(), ...always] : [];
  return (
    <Modal title="Keyboard shortcuts" open={open} onOpenChange={onOpenChange}>
      <dl className="modal-body help" tabIndex={0}>
        {shortcuts.map(({ keys, does }) => (
          <div key={keys}>
            <dt>{does}</dt>
            <dd>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="help-foot">
        <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">
          API description
        </a>
        <a href="/licences.txt" target="_blank" rel="noreferrer">
          Licences of what is inside
        </a>
      </p>
    </Modal>
  );
}
