import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import '../../components/field.css';
import { Modal } from '../../components/modal.tsx';
import type { RunColumnId } from './saved_columns.ts';

interface Props {
  available: RunColumnId[];
  chosen: RunColumnId[];
  /** Null: what is shown until somebody chooses. */
  onChange: (columns: RunColumnId[] | null) => void;
  onClose: () => void;
}

const kGroups = [
  { prefix: 'metrics.', title: 'Metrics' },
  { prefix: 'params.', title: 'Params' },
  { prefix: 'tags.', title: 'Tags' },
];

/** Which values a run table shows; kept for the experiment in this browser. */
export function ColumnPicker({ available, chosen, onChange, onClose }: Props) {
  const [wanted, setWanted] = useState('');
  const all = [...new Set([...available, ...chosen])];
  const toggle = (column: RunColumnId) =>
    onChange(chosen.includes(column) ? chosen.filter((one) => one !== column) : [...chosen, column]);
  return (
    <Modal title="Columns" open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body column-picker">
        <input
          className="field"
          aria-label="Search columns"
          placeholder="Search"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        {kGroups.map(({ prefix, title }) => {
          const columns = all.filter((column) => column.startsWith(prefix) && column.includes(wanted));
          if (columns.length === 0) return null;
          return (
            <fieldset key={prefix}>
              <legend>{title}</legend>
              {columns.map((column) => (
                <label key={column} className="clip">
                  <input type="checkbox" checked={chosen.includes(column)} onChange={() => toggle(column)} />
                  {column.slice(prefix.length)}
                </label>
              ))}
            </fieldset>
          );
        })}
        <div className="form-actions">
          <Button onClick={() => onChange(null)}>Reset</Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Modal>
  );
}
