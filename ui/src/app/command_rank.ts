/** The commands whose title holds every typed word, or the letters in order; the closest first. */
export function rankCommands<Item extends { title: string }>(items: Item[], text: string): Item[] {
  const query = text.trim().toLowerCase();
  if (!query) return items;
  return items
    .map((item, index) => ({ item, index, score: scoreOf(item.title.toLowerCase(), query) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.index - right.index)
    .map(({ item }) => item);
}

function scoreOf(title: string, query: string): number {
  if (title.startsWith(query)) return 4;
  const words = query.split(/\s+/);
  const starts = title.split(/[\s:.\-/]+/);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 3;
  if (words.every((word) => title.includes(word))) return 2;
  return isSubsequence(query.replaceAll(' ', ''), title) ? 1 : 0;
}

function isSubsequence(letters: string, title: string): boolean {
  let at = 0;
  for (const letter of title) if (letter === letters[at]) at += 1;
  return at === letters.length;
}
