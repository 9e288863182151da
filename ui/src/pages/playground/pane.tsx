import { useEffect, useRef, useSyncExternalStore } from 'react';
import { Amount } from '../../components/amount.tsx';
import { CopyButton } from '../../components/copy_button.tsx';
import { IconButton } from '../../components/button.tsx';
import { MessageText } from '../../components/message_text.tsx';
import { Failure } from '../../components/notice.tsx';
import { Badge } from '../../components/status.tsx';
import { Select, type SelectOption } from '../../components/select.tsx';
import { formatDuration, formatRate } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { speedOf, type Answer, type ChatSession, type Turn } from './chat_session.ts';

interface Props {
  label: string;
  session: ChatSession;
  model: string;
  options: SelectOption[];
  onModel: (model: string) => void;
  onRetry: () => void;
  /** Said when the model can't answer now. */
  status: 'starting' | 'failed' | null;
  onClose?: () => void;
}

const kBottomSlackPx = 40;

/** One model's side of the conversation. */
export function Pane({ label, session, model, options, onModel, onRetry, status, onClose }: Props) {
  const turns = useSyncExternalStore(session.subscribe, session.snapshot);
  const scroller = useRef<HTMLDivElement>(null);
  const isAtBottom = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (element && isAtBottom.current) element.scrollTop = element.scrollHeight;
  }, [turns]);
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    isAtBottom.current = element.scrollHeight - element.scrollTop - element.clientHeight < kBottomSlackPx;
  };
  return (
    <section className="pane" aria-label={label}>
      <header>
        <Select
          label={`${label}: model`}
          value={model}
          options={options}
          onChange={onModel}
          placeholder="Choose a model"
        />
        {status && <Badge tone={status === 'failed' ? 'bad' : 'warn'}>{status}</Badge>}
        {onClose && <IconButton icon="close" label={`Close ${label}`} onClick={onClose} />}
      </header>
      <div
        ref={scroller}
        className="pane-turns"
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={`${label}: conversation`}
      >
        {turns.length === 0 && (
          <p className="pane-empty">
            Ask something below. <kbd>Enter</kbd> sends, <kbd>Shift Enter</kbd> makes a new line,{' '}
            <kbd>Esc</kbd> stops the answer.
          </p>
        )}
        {turns.map((turn, index) => (
          <Exchange
            key={turn.id}
            turn={turn}
            onRetry={index === turns.length - 1 && turn.answer.totalMs !== null ? onRetry : undefined}
          />
        ))}
      </div>
    </section>
  );
}

function Exchange({ turn: { question, answer }, onRetry }: { turn: Turn; onRetry?: () => void }) {
  return (
    <article className="exchange">
      <div className="question">{question}</div>
      <div className="answer" aria-busy={answer.state === 'waiting' || answer.state === 'streaming'}>
        {answer.reasoning && (
          <details className="reasoning">
            <summary>Reasoning</summary>
            <MessageText text={answer.reasoning} />
          </details>
        )}
        {answer.state === 'waiting' && (
          <span className="waiting" role="status">
            <span className="spinner" aria-hidden="true" /> Waiting for the first token…
          </span>
        )}
        {answer.content && <MessageText text={answer.content} />}
        {answer.error !== null && <Failure error={answer.error} />}
      </div>
      <AnswerFoot answer={answer} onRetry={onRetry} />
    </article>
  );
}

function AnswerFoot({ answer, onRetry }: { answer: Answer; onRetry?: () => void }) {
  const { tokens, isExact, tokensPerSecond } = speedOf(answer);
  if (answer.state === 'waiting') return null;
  return (
    <footer className="answer-foot">
      {answer.ttftMs !== null && (
        <span title="Time to first token, measured in this page">
          TTFT{' '}
          <b className="num">
            <Amount of={formatDuration(answer.ttftMs)} />
          </b>
        </span>
      )}
      {tokens > 0 && (
        <span title={isExact ? 'Counted by the server' : 'Pieces received so far'}>
          <b className="num">
            {isExact ? '' : '≈ '}
            {tokens}
          </b>
          <span className="unit">tokens</span>
        </span>
      )}
      {tokensPerSecond !== null && (
        <span title="Decoding speed after the first token">
          <b className="num">
            <Amount of={formatRate(tokensPerSecond, 'tok/s')} />
          </b>
        </span>
      )}
      {answer.totalMs !== null && (
        <span title="From sending to the last byte">
          <b className="num">
            <Amount of={formatDuration(answer.totalMs)} />
          </b>
        </span>
      )}
      {answer.state === 'stopped' && <span className="answer-stopped">stopped</span>}
      {answer.finishReason && <span title="Finish reason">{answer.finishReason}</span>}
      <span className="answer-actions">
        {answer.requestId && answer.state !== 'streaming' && (
          <Link href={`/requests/${answer.requestId}`}>Record</Link>
        )}
        {onRetry && <IconButton icon="redo" label="Ask again" onClick={onRetry} />}
        {answer.content && <CopyButton text={answer.content} label="Copy the answer" />}
      </span>
    </footer>
  );
}
