/** What somebody meant who wrote this: another spelling, a part of it, or a slip of the fingers. */
export function similarTo(word: string, names: readonly string[]): string | undefined {
  const typed = letters(word);
  if (typed.length < 3) return undefined;
  const isPart = (name: string) => letters(name).startsWith(typed) || typed.startsWith(letters(name));
  const ranked = names.map((name) => [isPart(name) ? 0 : distance(typed, letters(name)), name] as const);
  const [slips, name] = ranked.reduce(
    (best, each) => (each[0] < best[0] ? each : best),
    [Number.POSITIVE_INFINITY, ''],
  );
  // One slip in three letters, so that no other word is taken for it.
  return slips <= typed.length / 3 ? name : undefined;
}

const letters = (text: string) => text.replaceAll(/[-_]/g, '').toLowerCase();

/**
 * How many letters to insert, leave out, replace or swap with their neighbour, to make one word of the other (optimal string
 * alignment).
 */
export function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const [a, b] = [from[row - 1], to[column - 1]];
      const isSwap = row > 1 && column > 1 && a === to[column - 2] && b === from[row - 2];
      const at = (line: readonly number[], index: number) => line[index] ?? Number.POSITIVE_INFINITY;
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (a === b ? 0 : 1),
        isSwap ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? 0;
}
