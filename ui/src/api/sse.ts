/** One server-sent event (WHATWG HTML, section 9.2.6 "Interpreting an event stream"). */
export interface SseEvent {
  event: string;
  data: string;
  id: string;
}

/**
 * Parses an event stream however its text was cut. Feed it decoded text; it returns the events that are complete.
 * A cut inside "\r\n" must not count as two line ends, so a trailing "\r" waits for the next piece.
 */
export class SseParser {
  private pending = '';
  private event = '';
  private data: string[] = [];
  private lastId = '';
  private atStart = true;

  push(text: string): SseEvent[] {
    this.pending += text;
    if (this.atStart && this.pending.length > 0) {
      this.pending = this.pending.replace(/^\uFEFF/, '');
      this.atStart = false;
    }
    const events: SseEvent[] = [];
    for (let line = this.takeLine(); line !== null; line = this.takeLine()) {
      const event = this.acceptLine(line);
      if (event) events.push(event);
    }
    return events;
  }

  private takeLine(): string | null {
    const end = this.pending.search(/[\r\n]/);
    if (end < 0) return null;
    const isCr = this.pending[end] === '\r';
    if (isCr && end === this.pending.length - 1) return null;
    const line = this.pending.slice(0, end);
    this.pending = this.pending.slice(end + (isCr && this.pending[end + 1] === '\n' ? 2 : 1));
    return line;
  }

  private acceptLine(line: string): SseEvent | null {
    if (line === '') return this.dispatch();
    if (line.startsWith(':')) return null;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
    if (field === 'id' && !value.includes('\0')) this.lastId = value;
    return null;
  }

  private dispatch(): SseEvent | null {
    const event =
      this.data.length === 0
        ? null
        : { event: this.event || 'message', data: this.data.join('\n'), id: this.lastId };
    this.event = '';
    this.data = [];
    return event;
  }
}

/** Yields the events of a response body as they arrive; returns when the body ends. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
