import type { Fix } from '../codes.ts';

/** The flags of Node's permission model, by the permission that an `ERR_ACCESS_DENIED` names. */
const flags = {
  Net: '--allow-net',
  FileSystemRead: '--allow-fs-read=PATH',
  ChildProcess: '--allow-child-process',
} as const;

/** What to do where Node's permission model forbids something. https://nodejs.org/api/permissions.html */
export function allow(permission: keyof typeof flags): readonly Fix[] {
  const run = `node --permission ${flags[permission]} app.js`;
  return [{ text: "Node's permission model forbids this. Allow it:", run }];
}
