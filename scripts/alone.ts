// Programs that may ask anybody run where nobody can be reached: in a network of their own, which has loopback only.
import { spawnSync } from 'node:child_process';

// Azure Arc's key files belong below /var/opt, which is not the machine's either.
const room = 'ip link set lo up && mkdir -p /var/opt && mount -t tmpfs tmpfs /var/opt && exec "$@"';

/** What to put before a command, or undefined where the system has no such thing or does not allow it. */
export const alone: readonly string[] | undefined = [[], ['--map-root-user']]
  .map((flags) => ['unshare', ...flags, '--net', '--mount', '--propagation', 'private', 'sh', '-c', room, 'alone'])
  .find(([command = '', ...args]) => spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0);
