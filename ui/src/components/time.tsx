import { useEffect, useState } from 'react';
import {
  formatAgo,
  formatClock,
  formatDay,
  formatDayMinute,
  formatInstant,
  formatWithZone,
  toDate,
} from '../format/time.ts';

interface Props {
  us: number;
  as?: keyof typeof kFormats | 'ago';
}

const kFormats = { clock: formatClock, instant: formatInstant, minute: formatDayMinute, day: formatDay };

/** A time in the reader's zone; hovering shows the zone and the same in UTC. */
export function Time({ us, as = 'clock' }: Props) {
  const text = as === 'ago' ? <Ago us={us} /> : kFormats[as](us);
  return (
    <time dateTime={toDate(us).toISOString()} title={formatWithZone(us)}>
      {text}
    </time>
  );
}

function Ago({ us }: { us: number }) {
  const [nowUs, setNowUs] = useState(() => Date.now() * 1000);
  useEffect(() => {
    const timer = setInterval(() => setNowUs(Date.now() * 1000), 5_000);
    return () => clearInterval(timer);
  }, []);
  return formatAgo(us, Math.max(nowUs, us));
}
