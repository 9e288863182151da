/** People, projects, tokens and sessions, as GET /api/v1/openapi.json describes them. */

export const kRoles = ['viewer', 'annotator', 'developer', 'admin', 'owner'] as const;
export type Role = (typeof kRoles)[number];

export interface Membership {
  project: string;
  role: Role;
}

export interface User {
  id: string;
  email: string;
  name: string;
  disabled: boolean;
  has_password: boolean;
  /** Bound to an identity of the provider. */
  single_sign_on: boolean;
  created_at_us: number;
  memberships: Membership[];
}

export interface UserPage {
  users: User[];
  next_cursor: string | null;
}

export interface NewUser {
  email: string;
  name: string;
  role: Role;
  password?: string;
}

export interface UserChange {
  name?: string;
  disabled?: boolean;
  password?: string;
}

export interface Project {
  name: string;
  description: string;
  created_at_us: number;
}

export interface Token {
  id: string;
  user: string;
  name: string;
  created_at_us: number;
  expires_at_us: number | null;
}

export interface TokenPage {
  tokens: Token[];
  next_cursor: string | null;
}

export interface IssuedToken {
  token: Token;
  secret: string;
}

export interface Session {
  id: string;
  user: string;
  created_at_us: number;
  expires_at_us: number;
}

export interface Me {
  /** "key:…", "config:…", "user:…", "token:…", "local"; empty: nobody had to say who he is. */
  id: string;
  name: string;
  role: Role | 'none' | 'client';
  capabilities: string[];
  login_required: boolean;
  /** Null: the caller is no person. */
  user: User | null;
}

export interface LoginOptions {
  required: boolean;
  /** Whether any account has a password. */
  password: boolean;
  /** The identity provider's name. */
  single_sign_on: string | null;
}
