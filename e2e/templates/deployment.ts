import { isExpression, parseArm } from './arm.ts';
import { type BicepFile, type BicepResource, deploymentType } from './bicep.ts';
import { evaluate, resourceId, type World } from './evaluate.ts';
import type { Expression } from './expression.ts';

type Values = Readonly<Record<string, unknown>>;
type Evaluated = Record<string, unknown>;

/** A resource as it would be asked of Azure. */
export interface Resource extends Evaluated {
  readonly type: string;
  readonly apiVersion: string;
  readonly name: string;
}
export interface Deployment {
  /** Those whose condition holds. */
  readonly resources: readonly Resource[];
  readonly outputs: Values;
  /** Ids that expressions made up, of resources in the group. */
  readonly mentioned: ReadonlySet<string>;
}

/** An ARM template, as far as it is read here. */
export interface Template {
  readonly parameters: Readonly<Record<string, Values & { readonly type: string; readonly defaultValue?: unknown }>>;
  readonly variables?: Values;
  readonly resources: readonly (Values & {
    readonly type: string;
    readonly apiVersion: string;
    readonly name: string;
  })[];
  readonly outputs?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
}

/** A deployment in a deployment, with what it is given. */
interface Nested {
  readonly parameters: Readonly<Record<string, { readonly value: unknown }>>;
  readonly template: Template;
}

/** An identity that exists already. */
export const userAssigned = {
  id: '/subscriptions/b0000000-0000-4000-8000-00000000000c/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app',
  properties: { principalId: 'principal-of-user-assigned', clientId: 'client-of-user-assigned' },
};

export const idOf = ({ type, name }: { readonly type: string; readonly name: string }) =>
  resourceId(type, name.split('/'));

/** What a resource says of itself once it is there, and no more than we rely on. */
function stateOf(resource: Resource | undefined, id: string): { properties: object; identity?: object } {
  if (id === userAssigned.id) return userAssigned;
  switch (resource?.type) {
    case 'Microsoft.KeyVault/vaults':
      return { properties: { vaultUri: `https://${resource.name}.vault.azure.net/` } };
    case 'Microsoft.Web/sites': {
      const { type } = resource.identity as { type: string };
      const identity = type === 'SystemAssigned' ? { type, principalId: 'principal-of-app' } : { type };
      return { properties: { defaultHostName: `${resource.name}.azurewebsites.net` }, identity };
    }
    default:
      throw new ReferenceError(`nothing declares ${id}`);
  }
}

/** Every expression in a value, replaced by what it comes to. */
function settle(value: unknown, world: World): unknown {
  if (isExpression(value)) return evaluate(parseArm(value), world);
  if (Array.isArray(value)) return value.map((each) => settle(each, world));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, settle(each, world)]));
}

/** What Azure would be asked to create for these parameters. */
export function deployArm(
  { parameters, variables = {}, resources, outputs = {} }: Template,
  given: Values,
  mentioned = new Set<string>(),
): Deployment {
  const done = new Map<string, Resource>();
  const declared = (values: Values, name: string) => {
    if (!Object.hasOwn(values, name)) throw new ReferenceError(`${name} is not declared`);
    return values[name];
  };
  const world: World = {
    parameter: (name) => {
      const { defaultValue } = declared(parameters, name) as { defaultValue?: unknown };
      return Object.hasOwn(given, name) ? given[name] : settle(defaultValue, world);
    },
    variable: (name) => settle(declared(variables, name), world),
    symbol: (name) => {
      throw new ReferenceError(`ARM knows no symbols: ${name}`);
    },
    state: (id) => stateOf(done.get(id), id),
    mentioned: (id) => mentioned.add(id),
  };
  const created = resources.flatMap(({ condition = true, dependsOn: _, ...body }) => {
    if (settle(condition, world) !== true) return [];
    if (body.type === deploymentType) {
      const { parameters: handed, template } = (body as unknown as { properties: Nested }).properties;
      const values = Object.entries(handed).map(([name, { value }]) => [name, settle(value, world)]);
      return deployArm(template, Object.fromEntries(values), mentioned).resources;
    }
    const resource = settle(body, world) as Resource;
    done.set(idOf(resource), resource);
    return [resource];
  });
  const values = Object.entries(outputs).map(([name, { value }]) => [name, settle(value, world)]);
  return { resources: created, outputs: Object.fromEntries(values), mentioned };
}

/** The same of a Bicep file, resolved the way its compiler does: symbols of resources are their ids and states. */
export function deployBicep(
  { parameters, variables, resources, outputs }: BicepFile,
  given: Values,
  fileOf: (path: string) => BicepFile,
): Deployment {
  const done = new Map<string, Resource>();
  const symbols = new Map<string, Resource>();
  const run = (expression: Expression) => evaluate(expression, world);
  const world: World = {
    parameter: () => undefined,
    variable: () => undefined,
    state: (id) => stateOf(done.get(id), id),
    symbol: (name) => {
      if (Object.hasOwn(given, name)) return given[name];
      const value = parameters[name]?.defaultValue ?? variables[name];
      if (value !== undefined) return run(value);
      const resource = symbols.get(name);
      if (resource === undefined) throw new ReferenceError(`${name} is not declared, or not yet`);
      const id = idOf(resource);
      return Object.defineProperties(
        { id, name: resource.name },
        {
          properties: { get: () => stateOf(resource, id).properties },
          identity: { get: () => stateOf(resource, id).identity },
        },
      );
    },
  };
  const create = ({ symbol, type, apiVersion, condition, body, ...kind }: BicepResource): readonly Resource[] => {
    if (condition && run(condition) !== true) return [];
    if (kind.module !== undefined && body.params) {
      return deployBicep(fileOf(kind.module), run(body.params) as Values, fileOf).resources;
    }
    const { parent, scope, ...rest } = Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, run(value)]),
    ) as { parent?: Resource; scope?: { id: string }; name: string };
    const name = parent ? `${parent.name}/${rest.name}` : rest.name;
    const resource = { ...rest, type, apiVersion, name, ...(scope && { scope: scope.id }) };
    symbols.set(symbol, resource);
    done.set(idOf(resource), resource);
    return kind.existing ? [] : [resource];
  };
  const created = resources.flatMap(create);
  const values = Object.entries(outputs).map(([name, { value }]) => [name, run(value)]);
  return { resources: created, outputs: Object.fromEntries(values), mentioned: new Set() };
}
