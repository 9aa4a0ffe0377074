/**
 * What to say on a Node.js that is too old; undefined on any other. From these releases on an agent takes a proxy
 * (`proxyEnv`); with an older one, what should leave through a proxy would go past it. Bun and Deno tell the version of
 * Node.js that they resemble, which says nothing about their age. https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function tooOldNode(name: string, { node, bun, deno }: NodeJS.Dict<string>): string | undefined {
  const [major = 0, minor = 0] = (node ?? '').split('.').map(Number);
  const isEnough = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  if (isEnough || bun !== undefined || deno !== undefined) return undefined;
  return `${name} needs Node.js 22.21, 24.5 or later. This is ${node}.`;
}
