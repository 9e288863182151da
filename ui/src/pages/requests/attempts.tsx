import type { Attempt } from '../../api/types.ts';
import { Amount } from '../../components/amount.tsx';
import { Section } from '../../components/facts.tsx';
import { Badge } from '../../components/status.tsx';
import { formatDuration } from '../../format/numbers.ts';

/** Every try at an upstream, in order. One that answered at once needs no list: the upstream is named above. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0 || (attempts.length === 1 && !attempts[0]?.error)) return null;
  return (
    <Section title="Attempts">
      <ol className="attempts" aria-label="Attempts">
        {attempts.map((attempt, index) => (
          <li key={index}>
            <span className="faint num">{index + 1}</span>
            <Badge tone={attempt.error ? 'bad' : 'good'}>{attempt.status || 'no answer'}</Badge>
            <span className="clip" title={`${attempt.target}, at ${attempt.upstream}`}>
              {attempt.target || attempt.upstream}
            </span>
            <span className="num">
              <Amount of={formatDuration(attempt.duration_ms)} />
            </span>
            {attempt.error && <p>{attempt.error}</p>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
