import type { RunState } from '../../api/mlflow_types.ts';
import { Badge, type Tone } from '../../components/status.tsx';

const kTones: Record<RunState, Tone> = {
  RUNNING: 'warn',
  SCHEDULED: 'calm',
  FINISHED: 'good',
  FAILED: 'bad',
  KILLED: 'bad',
};

export function RunStatus({ status }: { status: RunState }) {
  return <Badge tone={kTones[status] ?? 'calm'}>{status.toLowerCase()}</Badge>;
}
