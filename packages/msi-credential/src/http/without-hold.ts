/** As much of Node's agents, and of those of proxies, as is needed here: https://github.com/TooTallNate/proxy-agents */
interface Agent {
  addRequest(request: Request, ...rest: unknown[]): void;
}

interface Request {
  once(event: 'socket', listener: (socket: { unref(): void }) => void): void;
}

/** The agent, by default Node's own, handing out sockets that do not keep the process alive. */
export function withoutHold<A extends object>(agent: A | undefined, url: string): A {
  const name = url.startsWith('https:') ? 'node:https' : 'node:http';
  const base = (agent ?? process.getBuiltinModule(name).globalAgent) as A & Agent;
  return Object.assign(Object.create(base) as A, {
    addRequest(request: Request, ...rest: unknown[]) {
      request.once('socket', (socket) => socket.unref());
      base.addRequest(request, ...rest);
    },
  });
}
