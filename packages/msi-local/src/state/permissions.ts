/** What a principal may do with the vault's secrets, in the words of access policies. */
export const permissionNames = ['get', 'list', 'set', 'delete', 'recover', 'purge'] as const;

/** One of {@link permissionNames}. */
export type Permission = (typeof permissionNames)[number];

/** Who may do what, by the principal's object id. */
export interface Permissions {
  grant(objectId: string, ...permissions: Permission[]): void;
  /** Takes the named permissions away, or all when none is named. */
  revoke(objectId: string, ...permissions: Permission[]): void;
  allows(objectId: string, permission: Permission): boolean;
}

export function createPermissions(): Permissions {
  const granted = new Map<string, Set<Permission>>();
  return {
    grant(objectId, ...permissions) {
      granted.set(objectId, new Set([...(granted.get(objectId) ?? []), ...permissions]));
    },
    revoke(objectId, ...permissions) {
      if (permissions.length === 0) granted.delete(objectId);
      for (const permission of permissions) granted.get(objectId)?.delete(permission);
    },
    allows: (objectId, permission) => granted.get(objectId)?.has(permission) ?? false,
  };
}
