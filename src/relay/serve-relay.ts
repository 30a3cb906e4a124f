// The relay's side of the wire: does what is asked, with the gates and forwarders that it has.
import { Forwarder } from './forwarder.ts';
import { Gate } from './gate.ts';
import type { RelayAnswer, RelayRequest } from './wire.ts';

/** @param onWaiting called with the gate at which a first connection waits */
export function serveRelay(onWaiting: (gate: number) => void): (request: RelayRequest) => Promise<RelayAnswer> {
  const gates = new Map<number, Gate>();
  const forwarders = new Map<number, Forwarder>();
  const gateOf = (port: number): Gate => known(gates, port, 'gate');
  const forwarderOf = (port: number): Forwarder => known(forwarders, port, 'forwarder');
  return async (request) => {
    switch (request.type) {
      case 'gate': {
        const gate = await Gate.listen(request, request.state, () => onWaiting(gate.port));
        const { port } = gate;
        gates.set(port, gate);
        return { port };
      }
      case 'open-gate':
        gateOf(request.gate).open();
        return {};
      case 'cut-gate':
        return { left: await gateOf(request.gate).cut(request.timeout) };
      case 'sessions':
        return { sessions: gateOf(request.gate).sessions };
      case 'close-gate':
        gates.get(request.gate)?.close();
        gates.delete(request.gate);
        return {};
      case 'forward':
        forwarders.set(request.port, await Forwarder.listen(request.port));
        return {};
      case 'lead':
        await forwarderOf(request.port).lead(request.to);
        return {};
      case 'hold':
        await forwarderOf(request.port).hold(request.timeout);
        return {};
      case 'close-forwarder':
        forwarders.get(request.port)?.close();
        forwarders.delete(request.port);
        return {};
    }
  };
}

function known<T>(all: ReadonlyMap<number, T>, port: number, what: string): T {
  const found = all.get(port);
  if (found) return found;
  throw new Error(`there is no ${what} on port ${port}`);
}
