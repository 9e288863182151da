import type { Experiment, Metric, ModelVersion, RegisteredModel, Run } from '../src/api/mlflow_types.ts';
import type { AliasMove, LineageEdge, LineageNode } from '../src/api/registry_queries.ts';
import type { Answer, ApiMock } from './mock_answer.ts';

/** Experiments with runs, a registry and their lineage, for the mock server: MLflow's routes and our own. */

const kSteps = 200;
const kRuns = 60;
const kStartMs = Date.now() - 6 * 3_600_000;

const kExperiments: Experiment[] = ['Default', 'fraud_detection_v2', 'support-agent-lora'].map(
  (name, index) => ({
    experiment_id: String(index),
    name,
    artifact_location: `mlflow-artifacts:/${index}`,
    lifecycle_stage: 'active',
    creation_time: kStartMs,
    last_update_time: kStartMs + index * 3_600_000,
    tags: index === 2 ? [{ key: 'team', value: 'support' }] : [],
  }),
);

const runId = (index: number) => index.toString(16).padStart(32, '0');

function loss(index: number, step: number): number {
  return (
    (0.4 + (index % 7) / 10) * Math.exp(-step / (20 + index)) + 0.05 + 0.01 * Math.sin(step * (index + 1))
  );
}

function makeRun(index: number): Run {
  const start = kStartMs + index * 60_000;
  const state = index === kRuns - 1 ? 'RUNNING' : index % 11 === 3 ? 'FAILED' : 'FINISHED';
  return {
    info: {
      run_id: runId(index),
      run_name: `${['brave', 'calm', 'eager', 'kind'][index % 4]}-${['heron', 'otter', 'lynx'][index % 3]}-${index}`,
      experiment_id: '2',
      user_id: 'ada',
      status: state,
      start_time: start,
      ...(state !== 'RUNNING' && { end_time: start + 42_000 + index * 911 }),
      artifact_uri: `mlflow-artifacts:/2/${runId(index)}/artifacts`,
      lifecycle_stage: 'active',
    },
    data: {
      metrics: [
        { key: 'loss', value: loss(index, kSteps), timestamp: start, step: kSteps },
        {
          key: 'eval/accuracy',
          value: index === 5 ? 'NaN' : 0.8 + (index % 13) / 100,
          timestamp: start,
          step: 0,
        },
      ],
      params: [
        { key: 'base_model', value: index % 2 === 0 ? 'smollm2-135m' : 'llama-3.1-8b' },
        { key: 'learning_rate', value: String([0.0001, 0.0003, 0.001][index % 3]) },
        { key: 'lora_rank', value: String([4, 8, 16, 32][index % 4]) },
        { key: 'seed', value: '7' },
      ],
      tags: [
        { key: 'mlflow.source.name', value: 'train.py' },
        { key: 'stage', value: index % 5 === 0 ? 'sweep' : 'final' },
      ],
    },
    inputs: {
      dataset_inputs: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
          dataset: { name: 'annotated', digest: '9c1f02ab', source_type: 'local', source: '{}' },
        },
      ],
    },
  };
}

const kAllRuns = Array.from({ length: kRuns }, (_, index) => makeRun(kRuns - 1 - index));

function history(ids: string[], key: string): Metric[] {
  return ids.flatMap((id) => {
    const index = Number.parseInt(id, 16);
    const count = key === 'loss' ? kSteps : 1;
    return Array.from({ length: count }, (_, step) => ({
      key,
      value: key === 'loss' ? loss(index, step) : 0.8 + (index % 13) / 100,
      step,
      timestamp: kStartMs + step * 200,
      run_id: id,
    }));
  });
}

const kTable =
  '{"columns": ["question", "answer", "score"], "data": [["Where is my parcel?", "On its way.", 0.9]]}';

const kFiles: Record<string, { path: string; is_dir?: boolean; file_size?: number }[]> = {
  '': [
    { path: 'eval.json', file_size: kTable.length },
    { path: 'model', is_dir: true },
    { path: 'notes.md', file_size: 42 },
  ],
  model: [
    { path: 'model/MLmodel', file_size: 210 },
    { path: 'model/adapter.gguf', file_size: 18_400_000 },
  ],
};

const kTemplates = [
  'Answer briefly: {{ question }}',
  'Answer as {{ tone }} as you can: {{ question }}\nIf you do not know, say so.',
];

function makeVersion(name: string, number: number, aliases: string[]): ModelVersion {
  const isPrompt = name === 'support-answer';
  const tags = isPrompt
    ? [
        { key: 'mlflow.prompt.is_prompt', value: 'true' },
        { key: 'mlflow.prompt.text', value: kTemplates[number - 1] ?? '' },
        { key: '_mlflow_prompt_type', value: 'text' },
        { key: 'mlflow.prompt.commit_message', value: number === 1 ? 'First try' : 'A tone, and honesty' },
      ]
    : [{ key: 'eval', value: 'passed' }];
  return {
    name,
    version: String(number),
    creation_timestamp: kStartMs + number * 1_800_000,
    current_stage: 'None',
    status: 'READY',
    source: isPrompt ? 'prompt-template' : `mlflow-artifacts:/2/${runId(number)}/artifacts/model`,
    ...(!isPrompt && { run_id: runId(number), description: number === 3 ? 'Rank 16, two epochs.' : '' }),
    aliases,
    tags,
  };
}

interface Entry {
  model: RegisteredModel;
  versions: ModelVersion[];
}

function makeEntries(): Entry[] {
  const entry = (
    name: string,
    aliases: Record<string, string>,
    count: number,
    description: string,
  ): Entry => {
    const of = (number: number) =>
      Object.entries(aliases)
        .filter(([, version]) => version === String(number))
        .map(([alias]) => alias);
    const versions = Array.from({ length: count }, (_, index) =>
      makeVersion(name, count - index, of(count - index)),
    );
    return {
      model: {
        name,
        description,
        last_updated_timestamp: kStartMs + 7_200_000,
        latest_versions: versions.slice(0, 1),
        aliases: Object.entries(aliases).map(([alias, version]) => ({ alias, version })),
      },
      versions,
    };
  };
  return [
    entry('support', { champion: '2', challenger: '3' }, 3, 'Answers customers of the parcel shop.'),
    entry('fraud', {}, 1, ''),
    entry('support-answer', { production: '2' }, 2, 'The system prompt of the support agent.'),
  ];
}

const isPrompt = ({ model }: Entry) => model.name === 'support-answer';

const kNodes: LineageNode[] = [
  { id: 'dataset:annotated/9c1f02ab', type: 'dataset', name: 'annotated', detail: '9c1f02ab' },
  { id: `run:${runId(2)}`, type: 'run', name: 'eager-lynx-2', detail: 'support-agent-lora' },
  { id: `run:${runId(3)}`, type: 'run', name: 'kind-heron-3', detail: 'support-agent-lora' },
  { id: 'version:model/support/2', type: 'model', name: 'support v2' },
  { id: 'version:model/support/3', type: 'model', name: 'support v3' },
  { id: 'version:prompt/support-answer/2', type: 'prompt', name: 'support-answer v2' },
  { id: 'version:route/support/4', type: 'route', name: 'support v4' },
];
const kEdges: LineageEdge[] = (
  [
    [0, 1, 'input'],
    [0, 2, 'input'],
    [1, 3, 'produced'],
    [2, 4, 'produced'],
    [3, 6, 'target'],
    [5, 6, 'prompt'],
  ] as const
).map(([from, to, role]) => ({
  from: kNodes[from]?.id ?? '',
  to: kNodes[to]?.id ?? '',
  role,
  at_us: kStartMs * 1000,
}));

const ok = (body: unknown): Answer => ({ status: 200, body });
const missing = (what: string): Answer => ({
  status: 404,
  body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `${what} does not exist.` },
});

export function createTrackingMock(isEmpty: boolean): ApiMock {
  const entries = isEmpty ? [] : makeEntries();
  const moves: AliasMove[] = isEmpty
    ? []
    : [
        {
          id: 'm1',
          alias: 'champion',
          from: 1,
          to: 2,
          at_us: kStartMs * 1000,
          actor: 'user:ada',
          reason: 'eval passed',
        },
      ];
  return (method, path, query, body) => {
    const sent = (body ?? {}) as Record<string, unknown>;
    const entryOf = (name: unknown) => entries.find(({ model }) => model.name === name);
    switch (path.replace('/ajax-api/2.0/mlflow/', '')) {
      case 'experiments/search':
        return ok({ experiments: isEmpty ? kExperiments.slice(0, 1) : kExperiments });
      case 'runs/search':
        return searchRuns(sent, isEmpty);
      case 'runs/get': {
        const run = kAllRuns.find(({ info }) => info.run_id === query.get('run_id'));
        return run ? ok({ run }) : missing('The run');
      }
      case 'metrics/get-history-bulk-interval':
        return ok({ metrics: history(query.getAll('run_ids'), query.get('metric_key') ?? '') });
      case 'artifacts/list':
        return ok({ root_uri: 'mlflow-artifacts:/2', files: kFiles[query.get('path') ?? ''] ?? [] });
      case 'registered-models/search': {
        const wanted = (query.get('filter') ?? '').includes('is_prompt');
        return ok({
          registered_models: entries.filter((one) => isPrompt(one) === wanted).map(({ model }) => model),
        });
      }
      case 'registered-models/get': {
        const entry = entryOf(query.get('name'));
        return entry ? ok({ registered_model: entry.model }) : missing('The model');
      }
      case 'model-versions/search': {
        const name = /name = '([^']*)'/.exec(query.get('filter') ?? '')?.[1];
        return ok({ model_versions: entryOf(name)?.versions ?? [] });
      }
      case 'registered-models/alias': {
        const entry = entryOf(sent.name);
        if (!entry) return missing('The model');
        setAlias(entry, moves, String(sent.alias), method === 'DELETE' ? null : String(sent.version));
        return ok({});
      }
    }
    if (path === '/get-artifact')
      return ok(query.get('path') === 'eval.json' ? JSON.parse(kTable) : 'Text of a file.');
    if (/^\/api\/v1\/registry\/.*\/moves$/.test(path)) return ok({ moves, next_cursor: null });
    if (/^\/api\/v1\/registry\/.*\/diff$/.test(path)) {
      return ok({
        diff: `--- 1\n+++ 2\n@@ -1,1 +1,2 @@\n-${kTemplates[0]}\n+${kTemplates[1]?.replace('\n', '\n+')}\n`,
      });
    }
    if (path === '/api/v1/lineage/nodes') return ok({ nodes: isEmpty ? [] : kNodes });
    if (path === '/api/v1/lineage') return ok({ nodes: kNodes, edges: kEdges, truncated: false });
    return null;
  };
}

function searchRuns(sent: Record<string, unknown>, isEmpty: boolean): Answer {
  const filter = String(sent.filter ?? '');
  if (filter.startsWith('bad')) {
    const message = `Invalid clause(s) in filter string: '${filter}'`;
    return { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } };
  }
  const ids = (sent.experiment_ids ?? []) as string[];
  return ok({ runs: isEmpty || !ids.includes('2') ? [] : kAllRuns });
}

function setAlias(
  { model, versions }: Entry,
  moves: AliasMove[],
  alias: string,
  version: string | null,
): void {
  const before = model.aliases?.find((one) => one.alias === alias)?.version ?? null;
  model.aliases = (model.aliases ?? []).filter((one) => one.alias !== alias);
  if (version !== null) model.aliases.push({ alias, version });
  for (const one of versions) {
    one.aliases = (one.aliases ?? []).filter((name) => name !== alias);
    if (one.version === version) one.aliases.push(alias);
  }
  const number = (text: string | null) => (text === null ? null : Number(text));
  moves.unshift({
    id: `m${moves.length + 1}`,
    alias,
    from: number(before),
    to: number(version),
    at_us: Date.now() * 1000,
    actor: 'user:ada',
    reason: '',
  });
}
