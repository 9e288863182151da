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

function sample(language: string, needsKey = false): string {
  const samples = codeSamples('http://127.0.0.1:8080', kBody, needsKey);
  return samples.find((one) => one.language === language)?.code ?? '';
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

  test('never holds a key: it is read from the environment', () => {
    expect(sample('Python', true)).toContain('api_key=os.environ["PENSTOCK_KEY"]');
    expect(sample('Node', true)).toContain('apiKey: process.env.PENSTOCK_KEY');
    expect(sample('curl', true)).toContain('-H "authorization: Bearer $PENSTOCK_KEY"');
  });

  test.each([false, true])('in Python compiles (with a key: %s)', (needsKey) => {
    const check = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
      input: sample('Python', needsKey),
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
