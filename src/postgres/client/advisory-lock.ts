// Session locks in the agreed database, as they hold in one database only: what says that a run lives, and who builds a
// template.
import { createHash } from 'node:crypto';
import { messageOf, StacksError } from '../../errors.ts';
import { APPLICATION } from '../../names.ts';
import type { Client } from './connection.ts';

/** First keys of our locks: "stk" and a letter. */
export const RUN_LOCK = 0x73746b72;
export const BUILD_LOCK = 0x73746b62;
/** Shared by the runs that use a template. */
export const USE_LOCK = 0x73746b75;
/** Held for each stack on an existing server; the second key says how many connections it may use. */
export const BUDGET_LOCK = 0x73746b63;
/** Held by those who wait for free connections. */
export const BUDGET_WANTED = 0x73746b77;
/** Held for the moment of counting. */
export const BUDGET_GATE = 0x73746b67;

/** Second key: 32 bits of `name`. A collision makes two builders take turns. */
function lockKey(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE();
}

/** Takes the lock for as long as `client`'s session lives. */
export async function takeLock(
  client: Client,
  lock: number,
  name: string,
  { waitsFor, timeout }: { waitsFor: string; timeout: number },
): Promise<void> {
  try {
    await client.query(`SET statement_timeout = ${Math.ceil(timeout)}`);
    await client.query('SELECT pg_catalog.pg_advisory_lock($1, $2)', [lock, lockKey(name)]);
    await client.query('RESET statement_timeout');
  } catch (error) {
    throw new StacksError('DATABASE_UNREACHABLE', `waited ${timeout} ms for ${waitsFor}: ${messageOf(error)}.`, {
      hint: `another run holds it: see its sessions, "${APPLICATION}: …", in pg_stat_activity.`,
      cause: error,
    });
  }
}

/** Takes the lock beside others who share it, for as long as `client`'s session lives. */
export async function shareLock(client: Client, lock: number, name: string): Promise<void> {
  await client.query('SELECT pg_catalog.pg_advisory_lock_shared($1, $2)', [lock, lockKey(name)]);
}

/** Takes the lock if no session has it. */
export async function tryLock(client: Client, lock: number, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_catalog.pg_try_advisory_lock($1, $2) AS taken', [
    lock,
    lockKey(name),
  ]);
  return rows[0]?.taken === true;
}

export async function freeLock(client: Client, lock: number, name: string): Promise<void> {
  await client.query('SELECT pg_catalog.pg_advisory_unlock($1, $2)', [lock, lockKey(name)]);
}
