import type { RequestRecord } from '../../api/types.ts';

/** One block of a conversation, whatever dialect of content it was written in. */
export interface Message {
  role: string;
  text: string;
  /** Tool calls and other structured parts, as JSON. */
  structured: string[];
}

/** The messages of a chat's input; null when the input has none (a completion, an embedding, a body cut short). */
export function inputMessages(record: Pick<RequestRecord, 'input'>): Message[] | null {
  const messages = field(record.input, 'messages');
  return Array.isArray(messages) ? messages.map(messageOf) : null;
}

/** The answer: one message, or one for each choice when several were asked for. */
export function outputMessages(record: Pick<RequestRecord, 'output'>): Message[] {
  const { output } = record;
  if (output === null || output === undefined) return [];
  if (!Array.isArray(output)) return [messageOf(output)];
  return output.map((choice: unknown) => messageOf(field(choice, 'message') ?? choice));
}

export function asJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function messageOf(value: unknown): Message {
  if (typeof value === 'string') return { role: 'assistant', text: value, structured: [] };
  const role = field(value, 'role');
  const content = field(value, 'content');
  const parts: unknown[] = Array.isArray(content) ? content : [];
  const texts = parts.map((part) => field(part, 'text')).filter((text) => typeof text === 'string');
  const others = parts.filter((part) => typeof field(part, 'text') !== 'string');
  const calls = field(value, 'tool_calls');
  const known = typeof role === 'string' || content !== undefined || calls !== undefined;
  if (!known) return { role: 'assistant', text: '', structured: [asJson(value)] };
  return {
    role: typeof role === 'string' ? role : 'assistant',
    text: typeof content === 'string' ? content : texts.join('\n'),
    structured: [...others, ...(Array.isArray(calls) ? calls : [])].map(asJson),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
