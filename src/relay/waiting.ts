// A connection that waits to be led on. It is read from meanwhile, up to some bytes, because only so is it noticed that its
// client has gone: what that has asked for is not to be done later.
import type { Socket } from 'node:net';

/** Bytes that are kept of what it has sent: startup packets and most requests are shorter. */
const MOST_KEPT = 64 * 1024;

/** Returns the function that makes it readable from its beginning again. The socket is destroyed when its client ends it. */
export function keepWaiting(client: Socket): () => void {
  const kept: Buffer[] = [];
  let size = 0;
  const keep = (chunk: Buffer): void => {
    kept.push(chunk);
    size += chunk.length;
    if (size >= MOST_KEPT) client.pause();
  };
  const leave = (): void => void client.destroy();
  client.on('data', keep).once('end', leave).resume();
  return () => {
    client.off('data', keep).off('end', leave).pause();
    if (size > 0) client.unshift(Buffer.concat(kept));
  };
}
