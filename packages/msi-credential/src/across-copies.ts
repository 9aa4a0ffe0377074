// Two copies of this package in one process: two bundles, or CommonJS next to ES modules.

// The build puts the version here.
declare const msiCredentialVersion: string | undefined;

/**
 * What all copies of this version have in common, made by the first. Other versions have their own: what is inside may
 * differ. It is not enumerable, so that nothing that prints globals prints it.
 */
export function sharedByCopies<T>(name: string, make: () => T): T {
  const version = typeof msiCredentialVersion === 'undefined' ? 'source' : msiCredentialVersion;
  const key = Symbol.for(`msi-credential ${version} ${name}`);
  const found = (globalThis as { readonly [key]?: T })[key];
  if (found !== undefined) return found;
  const value = make();
  Reflect.defineProperty(globalThis, key, { value });
  return value;
}

/**
 * Makes `instanceof` true for the instances of the same class in another copy, of any version. For subclasses it works as
 * usual.
 */
export function knownToCopies(type: abstract new (...args: never) => object, name: string): void {
  const mark = Symbol.for(`msi-credential.${name}`);
  const usual = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, instance: unknown) {
      return this === type ? Object(instance)[mark] === true : usual.call(this as typeof type, instance);
    },
  });
}
