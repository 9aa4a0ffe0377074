// The door: everything that other packages may use.

export { ConfigError, type LocalOptions } from './config.ts';
export type { HostKind } from './environment.ts';
export { type Local, startLocal } from './local.ts';
export type { ArcOptions, HostileChallenge } from './state/arc-keys.ts';
export type { Clock } from './state/clock.ts';
export type { Fault, Faults } from './state/faults.ts';
export type { AssignedIdentities, Identity, Person, World } from './state/identities.ts';
export type { TokenOptions } from './state/issue-token.ts';
export type { Permission, Permissions } from './state/permissions.ts';
export type { FormRecord, RequestLog, RequestRecord } from './state/request-log.ts';
export type { SecretProperties } from './state/secrets.ts';
export type { Service, Variables } from './types.ts';
