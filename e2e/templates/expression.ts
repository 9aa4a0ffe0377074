/** An expression of either language; Bicep's operators and literals are calls of ARM's functions, as its compiler has it. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'symbol'; readonly name: string };

export const literal = (value: string | number | boolean): Expression => ({ kind: 'literal', value });
export const call = (name: string, ...args: Expression[]): Expression => ({ kind: 'call', name, args });

/** Reads a text from the left; what it does not find, it names with its place. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Takes what the pattern (sticky) matches here; undefined if it does not. */
  take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  expect(pattern: RegExp): string {
    return this.take(pattern) ?? this.fail(`${pattern} expected`);
  }

  /** A list in brackets: `item` reads one, `separator` stands between two. */
  list<Item>(close: RegExp, separator: RegExp, item: () => Item): Item[] {
    const items: Item[] = [];
    while (this.take(close) === undefined) {
      if (items.length > 0) this.expect(separator);
      if (items.length > 0 && this.take(close) !== undefined) break;
      items.push(item());
    }
    return items;
  }

  fail(problem: string): never {
    throw new SyntaxError(`${problem} at ${this.at}: ${this.text.slice(this.at, this.at + 40)}`);
  }

  end(): void {
    if (this.at < this.text.length) this.fail('end expected');
  }
}

/** The members that follow an expression: `.name` or `['name']`. */
export function members(scanner: Scanner, of: Expression): Expression {
  const name = scanner.take(/\.(?=\w)/) === undefined ? undefined : scanner.expect(/\w+/);
  return name === undefined ? of : members(scanner, { kind: 'member', of, name });
}
