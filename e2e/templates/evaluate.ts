import { createHash } from 'node:crypto';
import type { Expression } from './expression.ts';

/** What an expression can see. */
export interface World {
  /** ARM's `parameters('x')` and `variables('x')`, Bicep's symbols. */
  readonly parameter: (name: string) => unknown;
  readonly variable: (name: string) => unknown;
  readonly symbol: (name: string) => unknown;
  /** The state of a resource that exists by then; throws for one that nobody declares. */
  readonly state: (id: string) => { readonly properties: object };
  /** Is told each id that is made up, so that typing errors in it show. */
  readonly mentioned?: (id: string) => void;
}

const subscriptionId = 'b0000000-0000-4000-8000-00000000000a';
const group = `/subscriptions/${subscriptionId}/resourceGroups/group`;
/** Not Azure's algorithms: equal for equal arguments, and of the same form. */
const digest = (values: readonly unknown[]) => createHash('sha256').update(JSON.stringify(values)).digest('hex');

type Run = (...values: never[]) => unknown;

/** The functions that the templates use; a name that is not in here is an error. `if` is lazy, so it is not one of them. */
const functions = (world: World): Readonly<Record<string, Run>> => ({
  parameters: world.parameter,
  variables: world.variable,
  concat: (...values: (string | unknown[])[]) =>
    Array.isArray(values[0]) ? values.flat() : values.map(String).join(''),
  format: (pattern: string, ...values: unknown[]) => pattern.replace(/\{(\d+)\}/g, (_, index) => String(values[index])),
  not: (value: boolean) => !value,
  empty: (value: string | unknown[]) => value.length === 0,
  createArray: (...values: unknown[]) => values,
  createObject: (...values: unknown[]) =>
    Object.fromEntries(values.flatMap((value, index) => (index % 2 === 0 ? [[value, values[index + 1]]] : []))),
  resourceGroup: () => ({ id: group, location: 'westeurope' }),
  subscription: () => ({ subscriptionId, tenantId: 'b0000000-0000-4000-8000-00000000000b' }),
  subscriptionResourceId: (type: string, name: string) => `/subscriptions/${subscriptionId}/providers/${type}/${name}`,
  resourceId: (type: string, ...names: string[]) => {
    const id = resourceId(type, names);
    world.mentioned?.(id);
    return id;
  },
  uniqueString: (...values: string[]) => digest(values).slice(0, 13),
  guid: (...values: string[]) => digest(values).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
  reference: (id: string, _version?: string, full?: 'full') =>
    full === 'full' ? world.state(id) : world.state(id).properties,
});

export function resourceId(type: string, names: readonly string[]): string {
  const [provider, ...kinds] = type.split('/');
  return `${group}/providers/${provider}${kinds.map((kind, index) => `/${kind}/${names[index]}`).join('')}`;
}

export function evaluate(expression: Expression, world: World): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'symbol':
      return world.symbol(expression.name);
    case 'member': {
      const of = evaluate(expression.of, world) as Record<string, unknown> | undefined;
      if (of === undefined || !(expression.name in of))
        throw new ReferenceError(`nothing is called ${expression.name}`);
      return of[expression.name];
    }
    case 'call': {
      const { name, args } = expression;
      const [condition, then, otherwise] = args;
      if (name === 'if' && condition && then && otherwise)
        return evaluate(evaluate(condition, world) ? then : otherwise, world);
      const run = functions(world)[name];
      if (run === undefined) throw new ReferenceError(`no such function: ${name}`);
      return run(...(args.map((each) => evaluate(each, world)) as never[]));
    }
  }
}
