// Two sockets that each get what the other one receives. A slow reader holds up its writer (`pipe` buffers a few blocks), an
// end on one side is an end on the other, which may still answer.
import type { Socket } from 'node:net';

export interface Joined {
  /** No byte goes on from now on. What was received before is still sent. */
  part(): void;
}

/** Both must be made with `allowHalfOpen`. */
export function joinSockets(one: Socket, other: Socket): Joined {
  one.pipe(other);
  other.pipe(one);
  const closeOther = new Map([
    [one, () => other.destroySoon()], // what it is still to get is sent first
    [other, () => one.destroySoon()],
  ]);
  for (const [socket, close] of closeOther) socket.once('close', close).setNoDelay(true);
  return {
    part() {
      one.unpipe(other);
      other.unpipe(one);
      for (const [socket, close] of closeOther) socket.off('close', close);
    },
  };
}
