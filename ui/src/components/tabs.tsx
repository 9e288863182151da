import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import './tabs.css';

interface Props {
  label: string;
  tabs: { name: string; content: ReactNode }[];
  className?: string;
}

export function Tabs({ label, tabs, className }: Props) {
  return (
    <Radix.Root defaultValue={tabs[0]?.name} className={className}>
      <Radix.List className="tabs" aria-label={label}>
        {tabs.map(({ name }) => (
          <Radix.Trigger key={name} value={name}>
            {name}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ name, content }) => (
        <Radix.Content key={name} value={name} tabIndex={-1}>
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
