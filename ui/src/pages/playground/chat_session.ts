import {
  chatBody,
  streamChat,
  type ChatEvent,
  type ChatMessage,
  type ChatParameters,
  type Usage,
} from '../../api/chat.ts';

export interface Answer {
  model: string;
  content: string;
  reasoning: string;
  state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  error: unknown;
  requestId: string | null;
  finishReason: string | null;
  /** Measured here, so network included; null until it happened. */
  ttftMs: number | null;
  totalMs: number | null;
  /** Pieces seen so far; the server's count replaces it at the end. */
  pieces: number;
  usage: Usage | null;
}

export interface Turn {
  id: number;
  question: string;
  answer: Answer;
}

export interface Settings extends ChatParameters {
  system: string;
}

type Stream = typeof streamChat;

/**
 * One conversation with one model. It lives outside React so that an answer keeps streaming while another page is
 * shown. Readers subscribe and get an immutable `turns` array, replaced at most once per frame.
 */
export class ChatSession {
  turns: Turn[] = [];
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | null = null;
  private nextId = 1;
  private isNotifyPending = false;

  constructor(
    private readonly stream: Stream = streamChat,
    private readonly nextFrame: (run: () => void) => void = (run) => void setTimeout(run, 16),
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Turn[] => this.turns;

  get isBusy(): boolean {
    return this.abort !== null;
  }

  stop(): void {
    this.abort?.abort();
  }

  clear(): void {
    this.stop();
    this.turns = [];
    this.notify();
  }

  /** What the model sees: the system prompt, every exchange that has an answer, and the question. */
  messagesFor(question: string, system: string): ChatMessage[] {
    const told = this.turns.flatMap((turn): ChatMessage[] =>
      turn.answer.state === 'failed' || !turn.answer.content
        ? []
        : [
            { role: 'user', content: turn.question },
            { role: 'assistant', content: turn.answer.content },
          ],
    );
    const head: ChatMessage[] = system.trim() ? [{ role: 'system', content: system }] : [];
    return [...head, ...told, { role: 'user', content: question }];
  }

  /** Asks, and resolves when the answer ended in whatever way; the outcome is in the turn. */
  async send(model: string, question: string, settings: Settings): Promise<void> {
    if (this.abort) return;
    const { system, ...parameters } = settings;
    const body = chatBody(model, this.messagesFor(question, system), parameters);
    const abort = new AbortController();
    this.abort = abort;
    const id = this.nextId++;
    this.turns = [...this.turns, { id, question, answer: emptyAnswer(model) }];
    this.notify();
    const startedMs = this.nowMs();
    try {
      for await (const event of this.stream(body, abort.signal)) this.accept(id, event, startedMs);
      this.change(id, { state: 'done' });
    } catch (error) {
      this.change(id, abort.signal.aborted ? { state: 'stopped' } : { state: 'failed', error });
    } finally {
      this.change(id, { totalMs: this.nowMs() - startedMs });
      if (this.abort === abort) this.abort = null;
      this.notify();
    }
  }

  /** Asks the last question again; the earlier answer makes room. */
  async retry(model: string, settings: Settings): Promise<void> {
    const last = this.turns.at(-1);
    if (!last || this.abort) return;
    this.turns = this.turns.slice(0, -1);
    await this.send(model, last.question, settings);
  }

  /** Shows an exchange that happened elsewhere, as the start of this conversation. */
  load(exchanges: { question: string; answer: string }[], model: string): void {
    this.stop();
    this.turns = exchanges.map(({ question, answer }) => ({
      id: this.nextId++,
      question,
      answer: { ...emptyAnswer(model), content: answer, state: 'done' },
    }));
    this.notify();
  }

  private accept(id: number, event: ChatEvent, startedMs: number): void {
    const answer = this.turns.find((turn) => turn.id === id)?.answer;
    if (!answer) return;
    if (event.type === 'open') this.change(id, { requestId: event.requestId });
    if (event.type === 'finish') this.change(id, { finishReason: event.reason });
    if (event.type === 'usage') this.change(id, { usage: event.usage });
    if (event.type === 'delta') {
      this.change(id, {
        state: 'streaming',
        content: answer.content + event.content,
        reasoning: answer.reasoning + event.reasoning,
        pieces: answer.pieces + 1,
        ttftMs: answer.ttftMs ?? this.nowMs() - startedMs,
      });
    }
  }

  private change(id: number, change: Partial<Answer>): void {
    this.turns = this.turns.map((turn) =>
      turn.id === id ? { ...turn, answer: { ...turn.answer, ...change } } : turn,
    );
    this.notify();
  }

  private notify(): void {
    if (this.isNotifyPending) return;
    this.isNotifyPending = true;
    this.nextFrame(() => {
      this.isNotifyPending = false;
      for (const listener of [...this.listeners]) listener();
    });
  }
}

function emptyAnswer(model: string): Answer {
  return {
    model,
    content: '',
    reasoning: '',
    state: 'waiting',
    error: null,
    requestId: null,
    finishReason: null,
    ttftMs: null,
    totalMs: null,
    pieces: 0,
    usage: null,
  };
}

export interface Speed {
  tokens: number;
  isExact: boolean;
  tokensPerSecond: number | null;
}

/** Output tokens and decoding speed (after the first token); pieces stand in for tokens until the server counted. */
export function speedOf(answer: Answer): Speed {
  const tokens = answer.usage?.completion_tokens ?? answer.pieces;
  const seconds =
    answer.totalMs !== null && answer.ttftMs !== null ? (answer.totalMs - answer.ttftMs) / 1000 : 0;
  return {
    tokens,
    isExact: answer.usage !== null,
    tokensPerSecond: tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : null,
  };
}
