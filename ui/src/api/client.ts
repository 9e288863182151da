import { credentials, reportRefused } from './credentials.ts';

/** A failed call, with everything the server said about it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const kTimeoutMs = 15_000;

export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** GETs JSON. Throws ApiError for an error answer, an unreachable server (status 0) and an answer that isn't JSON. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return parse<T>(await call('GET', path, {}, signal), `GET ${path}`);
}

/** Sends JSON, or nothing, and reads JSON. An answer without a body is `undefined`. Throws as `getJson`. */
export async function sendJson<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await call(method, path, sent);
  return answer.text === '' ? (undefined as T) : parse<T>(answer, `${method} ${path}`);
}

/** GETs text, whatever its kind. Throws as `getJson`. */
export async function getText(path: string, accept: string): Promise<string> {
  return (await call('GET', path, { headers: { accept } })).text;
}

interface Answer {
  status: number;
  text: string;
}

async function call(
  method: 'GET' | Method,
  path: string,
  init: { body?: string; headers?: Record<string, string> },
  signal?: AbortSignal,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(kTimeoutMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...init,
      headers: { accept: 'application/json', ...credentials(), ...init.headers },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (deadline.aborted) throw new ApiError(0, 'timeout', `No answer within ${kTimeoutMs / 1000} s.`);
    throw new ApiError(0, 'unreachable', 'The server does not answer. Is `penstock serve` running?');
  }
  const text = await response.text();
  if (response.status === 401) reportRefused();
  if (!response.ok) throw errorFromBody(response.status, text);
  return { status: response.status, text };
}

function parse<T>({ status, text }: Answer, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(status, 'not_json', `${what} answered something that is not JSON.`);
  }
}

/**
 * Reads `{"error": {"code", "message", "field"?}}`, the shape of both the native and the OpenAI contract, and MLflow's
 * `{"error_code", "message"}`.
 */
export function errorFromBody(status: number, body: string): ApiError {
  try {
    const {
      error,
      error_code: code,
      message,
    } = JSON.parse(body) as {
      error?: {
        code?: string | null;
        type?: string;
        message?: string;
        field?: string;
        param?: string | null;
      };
      error_code?: string;
      message?: string;
    };
    if (code && message) return new ApiError(status, code, message);
    if (error?.message) {
      const field = error.field ?? error.param ?? undefined;
      return new ApiError(status, error.code ?? error.type ?? 'error', error.message, field);
    }
  } catch {
    // Not JSON: the body itself is the best message there is.
  }
  return new ApiError(
    status,
    `http_${status}`,
    body.trim().slice(0, 2000) || `HTTP ${status} without a body.`,
  );
}
