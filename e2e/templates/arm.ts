import { type Expression, literal, members, Scanner } from './expression.ts';

/** `[...]` in a value of a template is an expression, `[[...` is not; see Microsoft Learn, "Syntax and expressions in ARM templates". */
export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && /^\[(?!\[).*\]$/s.test(value);

/** @throws SyntaxError - naming the place. */
export function parseArm(value: string): Expression {
  const scanner = new Scanner(value.slice(1, -1));
  const expression = parse(scanner);
  scanner.end();
  return expression;
}

function parse(scanner: Scanner): Expression {
  scanner.take(/\s*/);
  const text = scanner.take(/'(?:[^']|'')*'/);
  if (text !== undefined) return literal(text.slice(1, -1).replaceAll("''", "'"));
  const number = scanner.take(/-?\d+/);
  if (number !== undefined) return literal(Number(number));
  const name = scanner.expect(/[a-zA-Z]\w*/);
  scanner.expect(/\(\s*/);
  const args = scanner.list(/\s*\)/, /\s*,\s*/, () => parse(scanner));
  return members(scanner, { kind: 'call', name, args });
}
