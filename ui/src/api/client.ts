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

/** GETs JSON. Throws ApiError for an error answer, an unreachable server (status 0) and an answer that isn't JSON. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const deadline = AbortSignal.timeout(kTimeoutMs);
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { accept: 'application/json', ...credentials() },
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
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(response.status, 'not_json', `GET ${path} answered something that is not JSON.`);
  }
}

/** Reads `{"error": {"code", "message", "field"?}}`, the shape of both the native and the OpenAI contract. */
export function errorFromBody(status: number, body: string): ApiError {
  try {
    const { error } = JSON.parse(body) as {
      error?: {
        code?: string | null;
        type?: string;
        message?: string;
        field?: string;
        param?: string | null;
      };
    };
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
