import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chatBody } from '../../api/chat.ts';
import { codeSamples } from './code_samples.ts';

const kBody = chatBody('m', [{ role: 'user', content: 'It\'s "quoted"\nand $HOME \\ é' }], {
  temperature: 0.5,
  top_p: null,
  max_tokens: 8,
  seed: null,
  stop: ["'", '\n'],
});

const kSamples = Object.fromEntries(
  codeSamples('http://127.0.0.1:8080', kBody).map(({ language, code }) => [language, code]),
);

function sample(language: string): string {
  return kSamples[language] ?? '';
}

describe('shown code', () => {
  test('in curl sends exactly the request, whatever the quotes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'penstock-sample-'));
    const recorder = join(folder, 'curl');
    writeFileSync(recorder, `#!/bin/sh\nfor last; do :; done\nprintf %s "$last" > ${folder}/body\n`, {
      mode: 0o755,
    });
    execFileSync('sh', ['-c', sample('curl')], { env: { PATH: `${folder}:${process.env.PATH}` } });
    expect(JSON.parse(readFileSync(`${folder}/body`, 'utf8'))).toEqual({ ...kBody, stream: true });
  });

  test('in Python compiles', () => {
    const check = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
      input: sample('Python'),
    });
    expect(check.stderr.toString()).toBe('');
    expect(check.status).toBe(0);
  });

  test('in Node compiles', () => {
    const check = spawnSync(process.execPath, ['--input-type=module', '--check', '-'], {
      input: sample('Node'),
    });
    expect(check.stderr.toString()).toBe('');
    expect(check.status).toBe(0);
  });
});
