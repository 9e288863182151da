/** The server's contract (GET /api/v1/openapi.json). Times are microseconds since the epoch, UTC; money is nano-USD. */

export interface Version {
  version: string;
  commit: string;
  compiler: string;
  started_at_us: number;
}

export type PartStatus = 'ok' | 'starting' | 'degraded' | 'down';

export interface HealthPart {
  name: string;
  status: PartStatus;
  detail: string;
}

export interface Health {
  status: 'ok' | 'degraded' | 'down';
  uptime_s: number;
  parts: HealthPart[];
}

export interface Model {
  name: string;
  kind: 'chat' | 'embedding';
  version: string | null;
  digest: string | null;
  licence: string | null;
  size_bytes: number | null;
  source: string | null;
  upstream: string | null;
  status: 'ready' | 'starting' | 'failed' | 'remote';
}

export interface Percentiles {
  p50: number | null;
  p95: number | null;
}

export interface StatsPoint {
  t_us: number;
  requests: number;
  errors: number;
  /** By their clients; no errors. */
  cancelled: number;
  input_tokens: number;
  output_tokens: number;
  cost_nano_usd: number;
  ttft_p50_ms: number | null;
  ttft_p95_ms: number | null;
}

export interface ModelUsage {
  model: string;
  requests: number;
  errors: number;
  /** By their clients; no errors. */
  cancelled: number;
  input_tokens: number;
  output_tokens: number;
  cost_nano_usd: number;
}

export interface Stats {
  window_s: number;
  requests: number;
  errors: number;
  /** By their clients; no errors. */
  cancelled: number;
  requests_per_s: number;
  tokens_per_s: number;
  cost_nano_usd: number;
  ttft_ms: Percentiles;
  latency_ms: Percentiles;
  series: StatsPoint[];
  by_model: ModelUsage[];
}

/** In exclusive kinds. The later ones are absent from servers that do not tell them. */
export interface TokenCounts {
  input: number;
  cached_input: number;
  cache_write?: number;
  cache_write_1h?: number;
  output: number;
  reasoning: number;
  audio?: number;
  image?: number;
  source: 'provider' | 'counted' | 'none';
}

/** One try at one upstream. */
export interface Attempt {
  target: string;
  upstream: string;
  /** 0: there was no answer. */
  status: number;
  error: string | null;
  duration_ms: number;
}

export interface RequestSummary {
  id: string;
  started_at_us: number;
  first_token_at_us: number | null;
  ended_at_us: number;
  endpoint: string;
  model: string;
  route: string | null;
  upstream: string | null;
  upstream_model: string | null;
  model_version: { name: string; version: string; digest: string } | null;
  stream: boolean;
  status: number;
  finish_reason: string | null;
  error: { code: string; message: string } | null;
  tokens: TokenCounts;
  cost_nano_usd: number | null;
  feature: string | null;
  user: string | null;
  metadata: Record<string, unknown>;
  client_disconnected: boolean;
  key?: string | null;
  key_id?: string | null;
  group?: string | null;
  target?: string | null;
  attempts?: Attempt[];
  cache?: 'off' | 'miss' | 'exact' | 'semantic' | null;
  saved_nano_usd?: number | null;
  price_version?: string | null;
}

export interface RequestRecord extends RequestSummary {
  input: unknown;
  input_truncated: boolean;
  output: unknown;
  output_truncated: boolean;
}

export interface RequestPage {
  requests: RequestSummary[];
  next_cursor: string | null;
}
