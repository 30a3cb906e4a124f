// What other roles have planted in `template1`, of which every database is a copy, in `postgres` and in databases that are
// called like ours: none of it is executed by a session of ours.
import { expect, test } from '@playwright/test';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import { ensureTemplate } from '../postgres/databases/template.ts';
import { useExisting } from '../postgres/existing/existing.ts';
import { onEachMajor } from '../rewind/testing/majors.ts';
import { asARun, inDatabase, useAsARun } from './testing/as-a-run.ts';
import { ATTACKS, PLANT, REFUSED } from './testing/plants.ts';
import { useSharedServer } from './testing/shared-server.ts';

onEachMajor((major) => {
  const server = useSharedServer(major);

  for (const role of ['superuser', 'owner'] as const) {
    test(`functions, operators, views and types that others have planted in template1 and postgres are not executed for a ${role}`, {
      tag: role === 'owner' ? '@matrix' : [],
    }, async () => {
      for (const database of ['template1', 'postgres']) await inDatabase(server().as('planter'), database, PLANT);
      const url = role === 'owner' ? server().as('one') : server().as('postgres');
      const name = role === 'owner' ? 'one' : 'postgres';
      // Somebody whom a superuser trusts has planted the same: what is a stranger's is refused (below).
      if (role === 'superuser')
        await inDatabase(server().as('postgres'), 'template1', 'REASSIGN OWNED BY planter TO postgres');
      await server().admin.query(`ALTER ROLE ${name} SET search_path = public, pg_catalog`);
      await useAsARun(url);
    });
  }

  for (const [index, [kind, plant]] of Object.entries(ATTACKS).entries()) {
    // One of them by default: what is refused is what they have in common.
    const tag = index === 0 ? [] : '@matrix';
    test(`${kind} of another role in template1 does not make that role a superuser`, { tag }, async () => {
      await inDatabase(server().as('planter'), 'template1', plant);
      const tested = (clone: string) => inDatabase(server().as('planter'), clone, 'DELETE FROM planted.bait');
      await expect(useAsARun(server().as('postgres'), { tested })).rejects.toThrow(
        /^DATABASE_UNFIT: the database "template1" holds objects of the role "planter"\.\n {2}objects +\d+ of "planter" \(planted\./,
      );
      expect(await server().isSuperuser('planter')).toBe(false);
    });
  }

  test('a table of another role in template1 is none that an ordinary role undoes', { tag: '@matrix' }, async () => {
    await inDatabase(server().as('planter'), 'template1', ATTACKS['the CHECK of a table']);
    await expect(useAsARun(server().as('one'))).rejects.toThrow(
      'REWIND_PRIVILEGE: this role may not capture what is written: permission denied for table bait.',
    );
  });

  test('a table that another role plants in a clone is not undone by a superuser', async () => {
    await useAsARun(server().as('postgres')); // it would
    const tested = (clone: string) =>
      inDatabase(server().as('postgres'), clone, `GRANT CREATE ON DATABASE ${clone} TO planter`).then(() =>
        inDatabase(server().as('planter'), clone, `${ATTACKS['the CHECK of a table']}; DELETE FROM planted.bait`),
      );
    await expect(useAsARun(server().as('postgres'), { tested })).rejects.toThrow('REWIND_IMPOSSIBLE');
    expect(await server().isSuperuser('planter')).toBe(false);
  });

  test('what acts on every session or type is for superusers to plant', { tag: '@matrix' }, async () => {
    await inDatabase(server().as('planter'), 'template1', 'CREATE SCHEMA planted');
    for (const statement of REFUSED) {
      for (const database of ['template1', 'postgres']) {
        const planting = inDatabase(server().as('planter'), database, statement);
        await expect(planting, statement).rejects.toThrow(/permission denied|must be (superuser|owner|able|member)/);
      }
    }
  });

  // Triggers on login came with Postgres 17.
  const define = Number(major) < 17 ? () => {} : test;
  define('no session of ours is opened in a database of others, whatever it is called', async () => {
    const names = [
      'stk_template_0123456789abcdef_deadbeef',
      'stk_deadbeef00_0',
      'stk_kept_deadbeef00_1',
      'stk_making_0',
    ];
    for (const name of names) {
      await server().admin.query(`CREATE DATABASE ${name} OWNER planter`);
      // Whoever logs in, or looks into it, is a superuser's gift to the planter.
      await inDatabase(
        server().as('postgres'),
        name,
        `CREATE FUNCTION public.on_login() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE planter SUPERUSER; END $$;
       CREATE EVENT TRIGGER planted ON login EXECUTE FUNCTION public.on_login(); ALTER EVENT TRIGGER planted ENABLE ALWAYS`,
      );
      await server().admin.query(`COMMENT ON DATABASE ${name} IS '{"playwright-stacks":{"run":"deadbeef00"}}'`);
    }
    await useAsARun(server().as('postgres'));
    await useAsARun(server().as('one'));
    expect(await server().isSuperuser('planter')).toBe(false);
    const { rows } = await server().admin.query(
      "SELECT sum(sessions)::int AS count FROM pg_stat_database WHERE datname ~ '^stk_'",
    );
    expect(rows).toEqual([{ count: names.length }]); // those above
    await inDatabase(server().as('postgres'), names[0] ?? '', 'SELECT');
    expect(await server().isSuperuser('planter')).toBe(true); // the trap is one
    for (const name of names) await server().admin.query(`DROP DATABASE ${name}`);
  });

  test('a schema of our name that another role has planted is not taken for ours', async () => {
    await inDatabase(server().as('planter'), 'template1', 'CREATE SCHEMA playwright_stacks');
    await using mine = new Lifetime();
    const signal = new AbortController().signal;
    for (const url of [server().as('postgres'), server().as('one')]) {
      const run = newRunKey();
      const existing = await useExisting({ url, run, connections: 1, signal, lifetime: mine });
      await expect(ensureTemplate(existing, asARun(existing, run), signal)).rejects.toThrow(
        'DATABASE_UNFIT: there is a schema "playwright_stacks" already, which another role has made.',
      );
    }
  });
});
