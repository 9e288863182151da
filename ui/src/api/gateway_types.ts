/** Routes, targets and the configuration, as GET /api/v1/openapi.json describes them. */

export type Strategy = 'weighted' | 'priority' | 'least_busy' | 'ewma_latency' | 'cheapest' | 'hedge';

export interface GatewayTarget {
  id: string;
  provider: string;
  /** Null: the name that the client asked for. */
  model: string | null;
  weight: number;
  /** Of the calls, under weighted. */
  share: number | null;
  /** The health checks of its provider fail. */
  unwell: boolean;
  breaker: { state: 'closed' | 'open' | 'half_open'; until_us: number | null };
  in_flight: number;
  /** Since the server's start, retries included. */
  calls: number;
  errors: number;
  ttft_ms: { mean: number | null; p95: number | null };
}

export interface GatewayRoute {
  name: string;
  strategy: Strategy;
  engine: boolean;
  targets: GatewayTarget[];
  fallback: { default: string[]; context_window: string[]; content_policy: string[] };
}

export interface GatewayProvider {
  name: string;
  type: string;
  base_url: string;
  engine: boolean;
  unwell: boolean;
  health_path: string | null;
  keys: number;
  keys_resting: number;
}

export interface Gateway {
  loaded_at_us: number;
  routes: GatewayRoute[];
  providers: GatewayProvider[];
}

export interface Config {
  version: number;
  file: string | null;
  text: string;
  since_us: number;
  problem: string | null;
  needs_restart: string[];
}

export interface ConfigVersion {
  number: number;
  running: boolean;
  previous: number | null;
  server: string;
  at_us: number;
  actor: string;
  source: 'start' | 'file' | 'api' | 'undo';
  comment: string;
}

export interface ConfigVersionPage {
  versions: ConfigVersion[];
  next_before: number | null;
}

export interface ConfigProblem {
  line: number | null;
  column: number | null;
  message: string;
}

export interface ConfigCheck {
  valid: boolean;
  base_version: number;
  problems: ConfigProblem[];
  diff: string;
  needs_restart: string[];
}

export interface ConfigApplied {
  version: number;
  changed: boolean;
  needs_restart: string[];
}

export interface ConfigDiff {
  from: number;
  to: number;
  diff: string;
}
