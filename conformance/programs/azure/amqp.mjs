// A server of Service Bus and Event Hubs as far as a client needs one that signs in and reads: AMQP 1.0 over WebSocket.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide
import { once } from 'node:events';
import { expectToken, load } from './shared.mjs';

/** Starts it, and returns the class of WebSocket that leads a client there. */
export async function startBroker(audience) {
  const { Server, WebSocket } = load('ws');
  const rhea = load('rhea');
  const container = rhea.create_container({ id: 'broker' });
  const sockets = new Server({ port: 0, host: '127.0.0.1', handleProtocols: () => 'AMQPWSB10' });
  await once(sockets, 'listening');
  sockets.on('connection', (socket) => container.websocket_accept(socket));

  const senders = [];
  let signedIn = false;
  container.on('sender_open', ({ sender }) => {
    sender.set_source(sender.remote.attach.source);
    sender.set_target(sender.remote.attach.target);
    senders.push(sender);
  });
  container.on('receiver_open', ({ receiver }) => {
    receiver.set_source(receiver.remote.attach.source);
    receiver.set_target(receiver.remote.attach.target);
  });
  container.on('sendable', ({ sender }) => {
    const { address } = sender.remote.attach.source;
    if (!signedIn || address.startsWith('$') || address.includes('/$')) return;
    sender.send(
      { body: rhea.message.data_section(Buffer.from('"hello"')), message_id: '1' },
      Buffer.from('0123456789abcdef'),
    );
  });
  container.on('message', ({ message, receiver }) => {
    const { address } = receiver.remote.attach.target;
    const answer = (application_properties, body) =>
      senders
        .find(({ remote }) => remote.attach.source.address === address)
        ?.send({ to: message.reply_to, correlation_id: message.message_id, application_properties, body });
    if (address === '$cbs') {
      expectToken(message.body, audience);
      signedIn = true;
      answer({ 'status-code': 202, 'status-description': 'Accepted' });
    } else {
      const body = { name: 'hello', created_at: new Date(), partition_count: 1, partition_ids: ['0'] };
      answer({ 'status-code': 200, 'status-description': 'OK' }, rhea.types.wrap_map(body));
    }
  });
  const address = `ws://127.0.0.1:${sockets.address().port}`;
  return class extends WebSocket {
    constructor(_url, protocols) {
      super(address, protocols);
    }
  };
}
