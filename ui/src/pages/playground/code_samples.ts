import type { chatBody } from '../../api/chat.ts';

type Body = ReturnType<typeof chatBody>;

export interface Sample {
  language: string;
  code: string;
}

/** The same request from outside, ready to run against this server; a key is read from PENSTOCK_KEY. */
export function codeSamples(origin: string, body: Body, needsKey: boolean): Sample[] {
  return [
    { language: 'Python', code: python(origin, body, needsKey) },
    { language: 'Node', code: node(origin, body, needsKey) },
    { language: 'curl', code: curl(origin, body, needsKey) },
  ];
}

function python(origin: string, body: Body, needsKey: boolean): string {
  const { model, messages, ...rest } = body;
  const options = Object.entries(rest).map(([name, value]) => `    ${name}=${pythonLiteral(value)},`);
  return [
    '# pip install openai',
    ...(needsKey ? ['import os'] : []),
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${origin}/v1", api_key=${needsKey ? 'os.environ["PENSTOCK_KEY"]' : '"unused"'})`,
    'stream = client.chat.completions.create(',
    `    model=${pythonLiteral(model)},`,
    '    messages=[',
    ...messages.map((message) => `        ${pythonLiteral(message)},`),
    '    ],',
    ...options,
    '    stream=True,',
    ')',
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
    'print()',
  ].join('\n');
}

/** JSON strings and numbers are Python literals too; true, false and null are not. */
function pythonLiteral(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value as object);
    return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}: ${pythonLiteral(inner)}`).join(', ')}}`;
  }
  return JSON.stringify(value);
}

function node(origin: string, body: Body, needsKey: boolean): string {
  const { model, messages, ...rest } = body;
  const options = Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  return [
    '// npm install openai',
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${needsKey ? 'process.env.PENSTOCK_KEY' : "'unused'"} });`,
    'const stream = await client.chat.completions.create({',
    `  model: ${JSON.stringify(model)},`,
    '  messages: [',
    ...messages.map((message) => `    ${JSON.stringify(message)},`),
    '  ],',
    ...options,
    '  stream: true,',
    '});',
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');",
    '}',
    'console.log();',
  ].join('\n');
}

function curl(origin: string, body: Body, needsKey: boolean): string {
  const json = JSON.stringify({ ...body, stream: true }, null, 2);
  return [
    `curl -N ${origin}/v1/chat/completions \\`,
    "  -H 'content-type: application/json' \\",
    ...(needsKey ? ['  -H "authorization: Bearer $PENSTOCK_KEY" \\'] : []),
    `  -d ${shellQuote(json)}`,
  ].join('\n');
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
