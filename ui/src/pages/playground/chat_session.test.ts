import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../api/chat.ts';
import { ChatSession, speedOf } from './chat_session.ts';
import { kDefaultSettings } from './settings.ts';

const delta = (content: string): ChatEvent => ({ type: 'delta', content, reasoning: '' });

interface Step {
  event?: ChatEvent;
  error?: Error;
  atMs: number;
}

/** A session whose model says `steps`, on a clock that the steps move. */
function sessionOf(steps: Step[]) {
  let nowMs = 0;
  const bodies: unknown[] = [];
  const session = new ChatSession(
    async function* (body, signal) {
      bodies.push(body);
      for (const step of steps) {
        await Promise.resolve();
        if (signal.aborted) throw new DOMException('stopped', 'AbortError');
        nowMs = step.atMs;
        if (step.error) throw step.error;
        if (step.event) yield step.event;
      }
    },
    (run) => run(),
    () => nowMs,
  );
  return { session, bodies };
}

describe('a chat session', () => {
  test('collects the answer and measures it', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 11, total_tokens: 16 };
    const { session } = sessionOf([
      { event: { type: 'open', requestId: 'r1' }, atMs: 50 },
      { event: delta('Hel'), atMs: 100 },
      { event: delta('lo'), atMs: 300 },
      { event: { type: 'finish', reason: 'stop' }, atMs: 1100 },
      { event: { type: 'usage', usage }, atMs: 1100 },
    ]);
    await session.send('m', 'hi', kDefaultSettings);
    const answer = session.turns[0]?.answer;
    expect(answer).toMatchObject({
      content: 'Hello',
      state: 'done',
      requestId: 'r1',
      ttftMs: 100,
      totalMs: 1100,
    });
    expect(answer && speedOf(answer)).toEqual({ tokens: 11, isExact: true, tokensPerSecond: 10 });
  });

  test('keeps what was said before an error, and does not tell the model about the failure', async () => {
    const { session } = sessionOf([
      { event: delta('par'), atMs: 10 },
      { error: new Error('The engine exited.'), atMs: 20 },
    ]);
    await session.send('m', 'hi', kDefaultSettings);
    expect(session.turns[0]?.answer).toMatchObject({ content: 'par', state: 'failed' });
    expect(session.messagesFor('again', '')).toEqual([{ role: 'user', content: 'again' }]);
  });

  test('stops when asked, keeping the part that was said', async () => {
    const { session } = sessionOf([
      { event: delta('one'), atMs: 10 },
      { event: delta('two'), atMs: 20 },
    ]);
    session.subscribe(() => {
      if (session.turns[0]?.answer.content === 'one') session.stop();
    });
    await session.send('m', 'hi', kDefaultSettings);
    expect(session.turns[0]?.answer).toMatchObject({ content: 'one', state: 'stopped', error: null });
    expect(session.isBusy).toBe(false);
  });

  test('sends the system prompt, the exchanges so far and the parameters', async () => {
    const { session, bodies } = sessionOf([{ event: delta('A'), atMs: 1 }]);
    const settings = { ...kDefaultSettings, system: 'Be brief.', temperature: 0.2, stop: ['END'] };
    await session.send('m', 'one', settings);
    await session.send('m', 'two', settings);
    expect(bodies[1]).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'A' },
        { role: 'user', content: 'two' },
      ],
      temperature: 0.2,
      max_tokens: 512,
      stop: ['END'],
    });
  });

  test('asks the last question again in place of the first answer', async () => {
    const { session, bodies } = sessionOf([{ event: delta('A'), atMs: 1 }]);
    await session.send('m', 'one', kDefaultSettings);
    await session.retry('n', kDefaultSettings);
    expect(session.turns).toHaveLength(1);
    expect(bodies[1]).toMatchObject({ model: 'n', messages: [{ role: 'user', content: 'one' }] });
  });

  test('ignores what arrives after it was cleared', async () => {
    const { session } = sessionOf([
      { event: delta('one'), atMs: 10 },
      { event: delta('two'), atMs: 20 },
    ]);
    const done = session.send('m', 'hi', kDefaultSettings);
    session.clear();
    await done;
    expect(session.turns).toEqual([]);
  });
});
