// Worktrees are made side by side, and beside the clones: each waits here for the others, and would wait for ever.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { JournalWriter } from '../../cleanup/journal.ts';
import { makeRunFolder } from '../../cleanup/run-folder.ts';
import { parseOptions } from '../../config/parse.ts';
import { resolveOptions } from '../../config/resolve.ts';
import { Events } from '../../events.ts';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { ensureTemplate } from '../../postgres/databases/template.ts';
import { newTestBed as newPostgres } from '../../testing/postgres.ts';
import { poll } from '../../wait.ts';
import { newTestBed } from '../../workspace/testing/test-bed.ts';
import { BootTurns } from '../boot-turns.ts';
import { planStack } from '../pool/plan.ts';
import { openStack } from '../pool/stack.ts';
import { StackProof } from '../proof/stack-proof.ts';
import type { RunContext } from '../run-context.ts';
import { findWorkspaces } from './find-workspaces.ts';
import { RunWorkspaces } from './run-workspaces.ts';

const SLOTS = 4;

test('the worktrees of four stacks are made side by side, while their clones are made', {
  tag: '@matrix',
}, async () => {
  await using bed = await newTestBed();
  const { lifetime, start } = await newPostgres();
  await using _ = lifetime;
  const postgres = await start();
  const run = newRunKey();
  const { signal } = new AbortController();
  const spec = {
    kind: 'run',
    key: run,
    run,
    extensions: [],
    role: 'owner',
    migrate: undefined,
    seed: undefined,
  } as const;
  const template = await ensureTemplate(postgres, spec, signal);

  const admin = await postgres.connect({ purpose: 'holds up CREATE DATABASE' });
  lifetime.defer('end the session', () => admin.end());
  await admin.query('BEGIN; LOCK TABLE pg_catalog.pg_database IN SHARE MODE');
  let begun = 0;
  let committed: Promise<unknown> | undefined;
  const setup = async ({ key }: { key: string }) => {
    begun += 1;
    const haveAllBegun = await poll(() => begun === SLOTS || undefined, { timeout: 30_000, interval: 20 });
    if (!haveAllBegun) throw new Error('it waits for the worktree of another');
    committed ??= admin.query('COMMIT');
    await committed;
    const isMade = () =>
      withClient(postgres.connect({ purpose: 'looks' }), async (client) => {
        const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [key]);
        return rows.length === 1 || undefined;
      });
    if (!(await poll(isMade, { timeout: 30_000, interval: 100 }))) throw new Error('its clone waits for its worktree');
  };

  const parsed = parseOptions({ workspace: { setup } }, undefined, [{ path: 'use.stack', name: 'default' }]);
  const config = resolveOptions(parsed, join(bed.user, 'playwright.config.ts'));
  const { path: folder } = makeRunFolder(run);
  const journal = new JournalWriter(folder, { run, root: bed.user });
  lifetime.defer('close the journal', () => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const [events, ofRun] = [new Events(), new Lifetime()];
  const found = await findWorkspaces(config);
  const workspaces = await RunWorkspaces.make(found, { run, folder, journal, lifetime: ofRun, events, signal });
  const variant = config.variants.get('default');
  if (!variant) throw new Error('no variant');
  // Without servers there is nothing of the rest to be asked for.
  const context = {
    ...{ run, config, postgres, workspaces, signal, journal, of: 'kept', logs: folder },
    ...{ built: Promise.resolve(), boots: new BootTurns() },
    templates: new Map([['default', [template]]]),
  } as unknown as RunContext;
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  const plans = await Promise.all(
    slots.map((slot) => planStack(run, slot, variant, postgres, workspaces, folder, ofRun)),
  );
  const opening = { signal, onDatabases: () => {}, onExit: () => {} };
  const opened = plans.map((plan) => openStack(plan, context, events, new StackProof(plan, context, events), opening));
  for (const stack of await Promise.all(opened)) await stack.close();
  await ofRun.close();
  expect(begun).toBe(SLOTS);
});
