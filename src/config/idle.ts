// `server.idle`, whichever way it is written.
import type { IdleOptions, ServerOptions } from './options.ts';

export function idleOf(idle: ServerOptions['idle']): IdleOptions {
  return typeof idle === 'string' || typeof idle === 'function' ? { when: idle } : (idle ?? {});
}
