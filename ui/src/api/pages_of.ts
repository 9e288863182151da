import { getJson } from './client.ts';

/** The most that is read of a list that is shown as a whole. */
export const kListRowsMax = 10_000;
const kPageRows = 200;

export interface WholeList<Item> {
  items: Item[];
  /** There is more than was read. */
  isCut: boolean;
}

/** Reads a list page by page, up to kListRowsMax. */
export async function readAll<Page extends { next_cursor: string | null }, Item>(
  itemsOf: (page: Page) => Item[],
  path: string,
  signal?: AbortSignal,
): Promise<WholeList<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(kPageRows), ...(cursor && { cursor }) });
    const page: Page = await getJson<Page>(`${path}${path.includes('?') ? '&' : '?'}${query}`, signal);
    items.push(...itemsOf(page));
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < kListRowsMax);
  return { items, isCut: cursor !== null };
}
