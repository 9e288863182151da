import { expect, test } from 'vitest';
import { rankCommands } from './command_rank.ts';

const kItems = [
  'Home',
  'Requests',
  'Requests that failed',
  'Chat with smollm2-135m-instruct',
  'Theme: dark',
].map((title) => ({ title }));

function found(text: string): string[] {
  return rankCommands(kItems, text).map(({ title }) => title);
}

test('typed letters find a command by prefix, word, part or order, the closest first', () => {
  expect(found('')).toHaveLength(5);
  expect(found('req')).toEqual(['Requests', 'Requests that failed']);
  expect(found('dark')).toEqual(['Theme: dark']);
  expect(found('chat 135')).toEqual(['Chat with smollm2-135m-instruct']);
  expect(found('rqf')[0]).toBe('Requests that failed');
  expect(found('zzz')).toEqual([]);
});
