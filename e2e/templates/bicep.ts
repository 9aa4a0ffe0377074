import { call, type Expression, literal, members, Scanner } from './expression.ts';

/** As much of a Bicep file as ours uses; anything else is a SyntaxError. */
export interface BicepFile {
  readonly parameters: Readonly<Record<string, BicepParameter>>;
  readonly variables: Readonly<Record<string, Expression>>;
  readonly resources: readonly BicepResource[];
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly value: Expression }>>;
}
export interface BicepParameter {
  readonly type: string;
  readonly defaultValue?: Expression;
  /** By name, with their one argument if they have one. */
  readonly decorators: Readonly<Record<string, Expression | undefined>>;
}
export interface BicepResource {
  readonly symbol: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly condition?: Expression;
  /** It is there already. */
  readonly existing?: boolean;
  /** The file of a module, which is a deployment in the deployment. */
  readonly module?: string;
  readonly body: Readonly<Record<string, Expression>>;
}

const space = /(?:\s|\/\/[^\n]*)*/;

export function parseBicep(text: string): BicepFile {
  const scanner = new Scanner(text);
  const parameters: Record<string, BicepParameter> = {};
  const variables: Record<string, Expression> = {};
  const resources: BicepResource[] = [];
  const outputs: Record<string, { type: string; value: Expression }> = {};
  let decorators: Record<string, Expression | undefined> = {};
  const assigned = () => {
    scanner.expect(/\s*=\s*/);
    return parse(scanner);
  };
  const word = () => scanner.expect(/\s*\w+/).trim();
  for (scanner.take(space); scanner.at < text.length; scanner.take(space)) {
    const keyword = scanner.expect(/@|\w+/);
    if (keyword === '@') {
      const name = word();
      scanner.expect(/\(/);
      decorators = { ...decorators, [name]: scanner.take(/\)/) ? undefined : parse(scanner) };
      if (decorators[name]) scanner.expect(/\s*\)/);
      continue;
    }
    const name = word();
    if (keyword === 'param') {
      const type = word();
      const hasDefault = /^[ ]*=/.test(text.slice(scanner.at));
      parameters[name] = { type, decorators, ...(hasDefault && { defaultValue: assigned() }) };
    } else if (keyword === 'var') variables[name] = assigned();
    else if (keyword === 'output') outputs[name] = { type: word(), value: assigned() };
    else if (keyword === 'resource') resources.push(resource(scanner, name));
    else if (keyword === 'module') resources.push(moduleOf(scanner, name));
    else scanner.fail(`unknown keyword ${keyword} before this`);
    decorators = {};
  }
  return { parameters, variables, resources, outputs };
}

function resource(scanner: Scanner, symbol: string): BicepResource {
  const [type = '', apiVersion = ''] = scanner
    .expect(/\s*'[\w./]+@[\w-]+'/)
    .trim()
    .slice(1, -1)
    .split('@');
  const existing = scanner.take(/\s*existing\b/) !== undefined;
  return { symbol, type, apiVersion, ...(existing && { existing }), ...declaration(scanner) };
}

function moduleOf(scanner: Scanner, symbol: string): BicepResource {
  const module = scanner
    .expect(/\s*'[\w./-]+'/)
    .trim()
    .slice(1, -1);
  return { symbol, type: deploymentType, apiVersion: '2025-04-01', module, ...declaration(scanner) };
}

/** What the compiler makes of a module. */
export const deploymentType = 'Microsoft.Resources/deployments';

function declaration(scanner: Scanner): Pick<BicepResource, 'condition' | 'body'> {
  scanner.expect(/\s*=\s*/);
  const condition = scanner.take(/if\s*(?=\()/) === undefined ? undefined : parse(scanner);
  scanner.expect(/\s*\{/);
  const body: Record<string, Expression> = {};
  for (const [name, value] of entries(scanner)) if (name.kind === 'literal') body[String(name.value)] = value;
  return { ...(condition && { condition }), body };
}

function parse(scanner: Scanner): Expression {
  const first = operand(scanner);
  if (scanner.take(/\s*\?\s*/) === undefined) return first;
  const then = parse(scanner);
  scanner.expect(/\s*:\s*/);
  return call('if', first, then, parse(scanner));
}

function operand(scanner: Scanner): Expression {
  scanner.take(space);
  if (scanner.take(/!/)) return call('not', operand(scanner));
  if (scanner.take(/'/)) return text(scanner);
  if (scanner.take(/\[/)) return call('createArray', ...scanner.list(close(']'), between, () => parse(scanner)));
  if (scanner.take(/\{/)) return call('createObject', ...entries(scanner).flat());
  if (scanner.take(/\(/)) {
    const inner = parse(scanner);
    scanner.expect(close(')'));
    return inner;
  }
  const number = scanner.take(/-?\d+/);
  if (number !== undefined) return literal(Number(number));
  const name = scanner.expect(/[a-zA-Z]\w*/);
  if (name === 'true' || name === 'false') return literal(name === 'true');
  if (scanner.take(/\(/) === undefined) return members(scanner, { kind: 'symbol', name });
  return members(scanner, call(name, ...scanner.list(close(')'), between, () => parse(scanner))));
}

const close = (bracket: string) => new RegExp(`${space.source}\\${bracket}`);
/** A comma, a new line or both. */
const between = /[ ]*(?:,|\n|\/\/[^\n]*\n)(?:\s|\/\/[^\n]*)*/;

/** Name and value of each; a name may be computed. */
function entries(scanner: Scanner): [Expression, Expression][] {
  scanner.take(space);
  return scanner.list(close('}'), between, () => {
    scanner.take(space);
    const name = scanner.take(/'/) ? text(scanner) : literal(scanner.expect(/\w+/));
    scanner.expect(/\s*:\s*/);
    return [name, parse(scanner)];
  });
}

/** A string from behind its quote; `${...}` makes it a concatenation. */
function text(scanner: Scanner): Expression {
  const parts: Expression[] = [];
  for (;;) {
    const plain = scanner.take(/(?:[^'\\$]|\\.|\$(?!\{))+/);
    if (plain !== undefined) parts.push(literal(plain.replace(/\\(.)/g, '$1')));
    if (scanner.take(/'/)) break;
    scanner.expect(/\$\{/);
    parts.push(parse(scanner));
    scanner.expect(/\s*\}/);
  }
  return parts.length === 1 && parts[0]?.kind === 'literal' ? parts[0] : call('concat', literal(''), ...parts);
}
