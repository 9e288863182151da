import { Dialog } from 'radix-ui';
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import { useModels } from '../api/queries.ts';
import type { Model } from '../api/types.ts';
import { Icon, type IconName } from '../components/icon.tsx';
import { navigate } from '../router/router.tsx';
import { rankCommands } from './command_rank.ts';
import { usePages, type Page } from './pages.ts';
import { kThemes, setTheme } from './theme.ts';
import './command_palette.css';

interface Command {
  id: string;
  title: string;
  group: string;
  icon: IconName;
  hint?: string;
  run: () => void;
}

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Ctrl K: every page, action and model by a few letters of its name; a pasted request id opens its record. */
export function CommandPalette({ open, onOpenChange }: Props) {
  useEffect(() => {
    const toggle = (event: globalThis.KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      event.preventDefault();
      onOpenChange(!open);
    };
    window.addEventListener('keydown', toggle);
    return () => window.removeEventListener('keydown', toggle);
  }, [open, onOpenChange]);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="modal-overlay" />
        <Dialog.Content data-modal className="modal palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Search or jump</Dialog.Title>
          <PaletteList close={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList({ close }: { close: () => void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const { data: models } = useModels();
  const pages = usePages();
  const commands = useMemo(() => commandsFor(pages, models ?? []), [pages, models]);
  const found = useMemo(() => [...jumpsFor(text), ...rankCommands(commands, text)], [commands, text]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setChosen((chosen + found.length - 1) % Math.max(1, found.length));
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    document.getElementById(`palette-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <>
      <div className="palette-input">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found.length > 0 ? `palette-${chosen}` : undefined}
          aria-label="Search or jump"
          placeholder="Page, action, model or request id"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id="palette-list" role="listbox" aria-label="Results" className="palette-list">
        {found.map((command, index) => (
          <li
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} />
            <span className="clip">{command.title}</span>
            <span className="palette-hint">{command.hint ?? command.group}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="palette-none">Nothing has this name. Paste a request id to open its record.</p>
      )}
    </>
  );
}

function commandsFor(visible: Page[], models: Model[]): Command[] {
  const pages = visible.map((page): Command => {
    return {
      id: page.href,
      title: page.title,
      group: 'Page',
      icon: page.icon,
      hint: `g ${page.key}`,
      run: () => navigate(page.href),
    };
  });
  const chats = models
    .filter((model) => model.kind === 'chat')
    .map((model): Command => {
      const href = `/playground?model=${encodeURIComponent(model.name)}`;
      return {
        id: `chat:${model.name}`,
        title: `Chat with ${model.name}`,
        group: 'Model',
        icon: 'playground',
        run: () => navigate(href),
      };
    });
  const lists = models.map((model): Command => {
    const href = `/requests?model=${encodeURIComponent(model.name)}`;
    return {
      id: `requests:${model.name}`,
      title: `Requests to ${model.name}`,
      group: 'Model',
      icon: 'requests',
      run: () => navigate(href),
    };
  });
  const actions: Command[] = [
    {
      id: 'errors',
      title: 'Requests that failed',
      group: 'Filter',
      icon: 'requests',
      run: () => navigate('/requests?status=error'),
    },
    ...kThemes.map((theme): Command => {
      const icon = theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'system';
      return {
        id: `theme:${theme}`,
        title: `Theme: ${theme}`,
        group: 'Action',
        icon,
        run: () => setTheme(theme),
      };
    }),
  ];
  return [...pages, ...chats, ...actions, ...lists];
}

function jumpsFor(text: string): Command[] {
  const id = text.trim();
  if (!/^[0-9a-f]{8}-[0-9a-f-]{20,}$/i.test(id)) return [];
  return [
    {
      id: 'jump',
      title: `Open request ${id}`,
      group: 'Request',
      icon: 'requests',
      run: () => navigate(`/requests/${id}`),
    },
  ];
}
