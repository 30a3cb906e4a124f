// What others do to go back to the start of a test.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contest.ts';
import { cloneStrategy, type TestBed } from './test-bed.ts';

/** The application's sessions are ended, their end awaited, the database dropped and made again. */
export function freshClone({ cluster, admin, clone }: TestBed, template: string): Contender {
  const fresh = `fresh_${template}`;
  const sessions = `FROM pg_stat_activity WHERE datname = '${fresh}'`;
  return {
    prepare: async () => {
      const { rows } = await admin.query(`SELECT FROM pg_database WHERE datname = '${fresh}'`);
      if (rows.length === 0) await clone(fresh, template);
      for (let i = 0; i < 3; i++) await cluster.connect(fresh);
    },
    run: async () => {
      await admin.query(`SELECT pg_terminate_backend(pid) ${sessions}`);
      while ((await admin.query(`SELECT ${sessions}`)).rows.length > 0) await sleep(1);
      await admin.query(`DROP DATABASE ${fresh}`);
      await admin.query(`CREATE DATABASE ${fresh} TEMPLATE ${template} ${cloneStrategy(cluster)}`);
    },
  };
}
