/** A property of anything; a getter or proxy that throws reads as undefined. */
export function read(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if ((typeof at !== 'object' && typeof at !== 'function') || at === null) return undefined;
    try {
      at = (at as Record<string, unknown>)[name];
    } catch {
      return undefined;
    }
  }
  return at;
}

/** A property that is a non-empty string, cut to a length that no pattern chokes on. */
export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const text = read(value, ...path);
  return typeof text === 'string' && text !== '' ? text.slice(0, 4000) : undefined;
}

/** From the SDK's `HttpHeaders`, the web's `Headers` or a plain object. */
export function readHeader(message: unknown, name: string): string | undefined {
  const headers = read(message, 'headers');
  const get = read(headers, 'get');
  if (typeof get !== 'function') return readText(headers, name);
  try {
    const value: unknown = get.call(headers, name);
    return typeof value === 'string' ? value.slice(0, 4000) : undefined;
  } catch {
    return undefined;
  }
}

/** An absolute URL, or undefined. */
export function toUrl(text: string | undefined, base?: string): URL | undefined {
  return text !== undefined && URL.canParse(text, base) ? new URL(text, base) : undefined;
}
