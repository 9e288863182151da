import { describe, expect, test } from 'vitest';
import { readSse, SseParser, type SseEvent } from './sse.ts';

const kStream =
  '\uFEFF: keep-alive\n\ndata: {"a":1}\n\nevent: request\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\ndata\n\n: c\ndata:x\rdata: y\r\r';

const kEvents: SseEvent[] = [
  { event: 'message', data: '{"a":1}', id: '' },
  { event: 'request', data: 'one\ntwo', id: '7' },
  { event: 'message', data: '', id: '7' },
  { event: 'message', data: 'x\ny', id: '7' },
];

describe('an event stream', () => {
  test('is the same however it was cut', () => {
    for (let size = 1; size <= kStream.length; size += 1) {
      const parser = new SseParser();
      const events: SseEvent[] = [];
      for (let at = 0; at < kStream.length; at += size)
        events.push(...parser.push(kStream.slice(at, at + size)));
      // The stream ends in "\r", which may still be half of "\r\n"; the next byte decides.
      events.push(...parser.push(':'));
      expect(events).toEqual(kEvents);
    }
  });

  test('gives no event for an unfinished block', () => {
    const parser = new SseParser();
    expect(parser.push('data: half')).toEqual([]);
    expect(parser.push(' of it\n')).toEqual([]);
    expect(parser.push('\n')).toEqual([{ event: 'message', data: 'half of it', id: '' }]);
  });

  test('removes only one space after the colon', () => {
    expect(new SseParser().push('data:  two\n\n')[0]?.data).toBe(' two');
  });

  test('keeps a character whole that two network pieces share', async () => {
    const bytes = new TextEncoder().encode('data: é\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7));
        controller.enqueue(bytes.slice(7));
        controller.close();
      },
    });
    const events: SseEvent[] = [];
    for await (const event of readSse(body)) events.push(event);
    expect(events[0]?.data).toBe('é');
  });

  test('is cancelled when the reader stops early', async () => {
    let wasCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: more\n\n')),
      cancel: () => void (wasCancelled = true),
    });
    for await (const _event of readSse(body)) break;
    expect(wasCancelled).toBe(true);
  });
});
