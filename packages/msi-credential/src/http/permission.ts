import type { Fix } from '../codes.ts';

/** The flags of Node's permission model, by the permission that an `ERR_ACCESS_DENIED` names. */
const flags: Readonly<Record<string, string>> = {
  Net: '--allow-net',
  FileSystemRead: '--allow-fs-read=PATH',
  ChildProcess: '--allow-child-process',
};

/** What to do where Node's permission model forbids something. https://nodejs.org/api/permissions.html */
export function allow(permission: string): readonly Fix[] {
  const flag = flags[permission] ?? '--allow-...';
  return [{ text: "Node's permission model forbids this. Allow it:", run: `node --permission ${flag} app.js` }];
}
