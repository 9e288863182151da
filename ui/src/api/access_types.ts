/** Keys, groups, people and the audit journal, as GET /api/v1/openapi.json describes them. */

export type LimitKind = 'requests' | 'tokens' | 'input_tokens' | 'output_tokens' | 'concurrent';
export type Period = 'hour' | 'day' | 'week' | 'month' | 'total';

export interface Limit {
  kind: LimitKind;
  amount: number;
  /** 0 for concurrent. */
  per_s: number;
}

export interface Budget {
  amount_nano_usd: number;
  per: Period;
}

/** What keys and groups have in common: how much may be used, and of what. */
export interface Use {
  limits: Limit[];
  budget: Budget | null;
  /** Names or globs; empty: all. */
  models: string[];
  endpoints: string[];
}

export interface Key extends Use {
  id: string;
  name: string;
  group: string | null;
  /** 'config': it is changed in penstock.yaml only. */
  source: 'config' | 'database';
  role: string;
  created_by: string | null;
  created_at_us: number;
  expires_at_us: number | null;
  revoked_at_us: number | null;
  /** How long the secret before the last rotation works. */
  previous_until_us: number | null;
}

export type KeyStatus = 'active' | 'expired' | 'revoked';

export interface KeyView {
  status: KeyStatus;
  key: Key;
}

export interface IssuedKey extends KeyView {
  secret: string;
}

export interface KeyPage {
  keys: KeyView[];
  next_cursor: string | null;
}

export interface NewKey extends Partial<Use> {
  name: string;
  group?: string | null;
  expires_at_us?: number | null;
}

export type KeyChange = Partial<NewKey>;

export interface Group extends Use {
  path: string;
  description: string;
  source: 'config' | 'database';
  created_at_us: number;
}

export interface GroupPage {
  groups: Group[];
  next_cursor: string | null;
}

export interface NewGroup extends Partial<Use> {
  path: string;
  description?: string;
}

export type GroupChange = Omit<Partial<NewGroup>, 'path'>;

export interface AuditRecord {
  sequence: number;
  id: string;
  at_us: number;
  actor: string;
  actor_name: string;
  action: string;
  object: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  request_id: string;
  previous: string;
  hash: string;
}

export interface AuditPage {
  records: AuditRecord[];
  next_cursor: string | null;
}

export interface AuditVerdict {
  sound: boolean;
  records: number;
  head: string;
  findings: string[];
}
