/** All inputs are microseconds since the epoch, UTC; all outputs are in the reader's zone unless they say UTC. */

const kClock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const kDay = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' });
const kZoneOffset = new Intl.DateTimeFormat('en-US', { timeZoneName: 'longOffset' });

export function toDate(us: number): Date {
  return new Date(us / 1000);
}

/** 14:03:22 */
export function formatClock(us: number): string {
  return kClock.format(toDate(us));
}

/** 14:03 */
export function formatMinute(us: number): string {
  return formatClock(us).slice(0, 5);
}

/** 2026-11-24 */
export function formatDay(us: number): string {
  return kDay.format(toDate(us));
}

/** 2026-11-24 14:03 */
export function formatDayMinute(us: number): string {
  return `${formatDay(us)} ${formatMinute(us)}`;
}

/** 2026-11-24 14:03:22.123 */
export function formatInstant(us: number): string {
  const millis = String(Math.floor(us / 1000) % 1000).padStart(3, '0');
  return `${kDay.format(toDate(us))} ${formatClock(us)}.${millis}`;
}

/** What a hover shows: the instant with its zone, and the same in UTC for comparing with logs. */
export function formatWithZone(us: number): string {
  const date = toDate(us);
  const offset = kZoneOffset.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const utc = date.toISOString().replace('T', ' ').replace('Z', '');
  return `${formatInstant(us)} ${zone} (${offset})\n${utc} UTC`;
}

/** "just now", "12 s ago", "3 min ago", "5 h ago", "2 d ago" */
export function formatAgo(us: number, nowUs: number): string {
  const seconds = Math.max(0, Math.round((nowUs - us) / 1e6));
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** 3 d 4 h, 4 h 12 min, 12 min, 45 s */
export function formatUptime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min`;
  return `${Math.floor(seconds)} s`;
}

/** What `<input type="datetime-local">` reads and writes. */
export function toLocalInput(us: number): string {
  return `${kDay.format(toDate(us))}T${formatClock(us)}`;
}

/** Null when the text is no instant. */
export function fromLocalInput(text: string): number | null {
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) ? null : ms * 1000;
}
