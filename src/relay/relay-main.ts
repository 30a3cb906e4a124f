// The relay's process: `node relay-main.js`. Its standard input is a pipe from the runner: at its end, however the runner
// ended, it ends, too, and everything that goes through it.
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { onMessage } from '../json-lines.ts';
import { serveRelay } from './serve-relay.ts';
import type { RelayMessage, RelayRequest } from './wire.ts';

// What ends a whole session must not end what its servers need to end in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const say = (message: RelayMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
process.stdout.on('error', () => process.exit());
const serve = serveRelay((gate) => say({ waiting: gate }));
const input = process.stdin as unknown as Socket;
onMessage<RelayRequest & { readonly id: number }>(input, ({ id, ...request }) => {
  serve(request).then(
    (answer) => say({ id, answer }),
    (error) => say({ id, error: messageOf(error) }),
  );
});
input.on('end', () => process.exit());
input.on('close', () => process.exit());
