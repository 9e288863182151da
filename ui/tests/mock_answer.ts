/** A part of the mock server: the answer to a call, or null for what is not its own. */
export interface Answer {
  status: number;
  body: unknown;
}

export type ApiMock = (method: string, path: string, query: URLSearchParams, body: unknown) => Answer | null;
