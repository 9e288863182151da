import { Popover } from 'radix-ui';
import { ApiError } from '../api/client.ts';
import { useHealth, useVersion } from '../api/queries.ts';
import type { Health, PartStatus } from '../api/types.ts';
import { Dot, type Tone } from '../components/status.tsx';
import { formatUptime } from '../format/time.ts';
import './health_indicator.css';

const kTones: Record<PartStatus, Tone> = { ok: 'good', starting: 'warn', degraded: 'warn', down: 'bad' };

/** One dot for the whole server; opened, the state of each part. */
export function HealthIndicator() {
  const health = useHealth();
  const { tone, text } = summarise(health.data, health.error);
  return (
    <Popover.Root>
      <Popover.Trigger className="nav-item" aria-label={`Health: ${text}`} title={text}>
        <span className="health-dot dot">
          <Dot tone={tone} />
        </span>
        <span className="clip">{text}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="health"
          side="right"
          align="end"
          sideOffset={10}
          aria-label="Health of each part"
        >
          <Parts health={health.data} error={health.error} />
          <About uptimeS={health.data?.uptime_s} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function summarise(health: Health | undefined, error: Error | null): { tone: Tone; text: string } {
  if (error)
    return {
      tone: 'bad',
      text: error instanceof ApiError && error.status > 0 ? 'Health unknown' : 'Unreachable',
    };
  if (!health) return { tone: 'calm', text: 'Connecting…' };
  const bad = health.parts.filter((part) => part.status === 'down' || part.status === 'degraded');
  const starting = health.parts.filter((part) => part.status === 'starting');
  if (health.status === 'down') return { tone: 'bad', text: 'Down' };
  if (bad.length > 0)
    return {
      tone: bad.some(({ status }) => status === 'down') ? 'bad' : 'warn',
      text: `${bad.length} of ${health.parts.length} degraded`,
    };
  if (starting.length > 0) return { tone: 'warn', text: `${starting.length} starting` };
  return health.status === 'ok' ? { tone: 'good', text: 'All parts ok' } : { tone: 'warn', text: 'Degraded' };
}

function Parts({ health, error }: { health: Health | undefined; error: Error | null }) {
  if (error) return <p className="health-error">{error.message}</p>;
  return (
    <ul>
      {health?.parts.map((part) => (
        <li key={part.name}>
          <Dot tone={kTones[part.status]} />
          <b>{part.name}</b>
          <span className={`health-status health-${kTones[part.status]}`}>{part.status}</span>
          <small>{part.detail}</small>
        </li>
      ))}
    </ul>
  );
}

function About({ uptimeS }: { uptimeS: number | undefined }) {
  const version = useVersion().data;
  if (!version) return null;
  return (
    <p className="health-about">
      Penstock {version.version} <span className="mono">{version.commit.slice(0, 8)}</span>
      {uptimeS !== undefined && <> · up {formatUptime(uptimeS)}</>}
    </p>
  );
}
