import { durationMs, ttftMs } from '../../api/request_facts.ts';
import type { RequestSummary } from '../../api/types.ts';
import { asText, formatDuration } from '../../format/numbers.ts';

/** Where the time went: until the first token (queue and prompt), then the stream. */
export function TimingBar({ request }: { request: RequestSummary }) {
  const total = durationMs(request);
  const first = ttftMs(request);
  const parts =
    first === null
      ? [{ name: 'Until the answer', ms: total, color: '--series-1' }]
      : [
          { name: 'Until the first token', ms: first, color: '--series-3' },
          { name: 'Streaming', ms: Math.max(0, total - first), color: '--series-1' },
        ];
  return (
    <div className="timing" aria-label="Timing" role="group">
      <div className="timing-bar" aria-hidden="true">
        {parts.map((part) => (
          <i
            key={part.name}
            style={{ flexGrow: Math.max(part.ms, total / 200), background: `var(${part.color})` }}
          />
        ))}
      </div>
      <ul>
        {parts.map((part) => (
          <li key={part.name}>
            <i style={{ background: `var(${part.color})` }} aria-hidden="true" />
            {part.name} <b className="num">{asText(formatDuration(part.ms))}</b>
          </li>
        ))}
        <li>
          In all <b className="num">{asText(formatDuration(total))}</b>
        </li>
      </ul>
    </div>
  );
}
