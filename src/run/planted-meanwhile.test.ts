// What another role plants in the databases of a run while it makes and uses them: in the template before it is captured, in a
// clone before its first mark. It is captured like all else there, and evaluated for nobody.
import { expect, test } from '@playwright/test';
import { onEachMajor } from '../rewind/testing/majors.ts';
import { inDatabase, type Meanwhile, useAsARun } from './testing/as-a-run.ts';
import { ATTACKS, HARMLESS, inPublic, SLY_ATTACKS } from './testing/plants.ts';
import { useSharedServer } from './testing/shared-server.ts';

const REFUSED = {
  reason: 'other-role',
  why: expect.stringMatching(
    /^public\.bait is a table of the role planter, and the constraint bait_v_check would be evaluated with the rights of (postgres|one)$/,
  ),
};
/** What other attacks are refused for: a trigger or rule that fires for all, a cast. */
const REFUSED_OTHERWISE = { reason: expect.stringMatching(/^(other-role|always-trigger|check)$/) };
const MOMENTS = { migrated: 'a template before it is captured', cloned: 'a clone before its first mark' } as const;

onEachMajor((major) => {
  const server = useSharedServer(major);

  const planting =
    (sql: string): NonNullable<Meanwhile['tested']> =>
    (database) =>
      inDatabase(server().as('planter'), database, sql);

  for (const [index, [kind, attack]] of Object.entries({ ...ATTACKS, ...SLY_ATTACKS }).entries()) {
    for (const [moment, where] of Object.entries(MOMENTS)) {
      // The first of them by default.
      const tag = index === 0 ? [] : '@matrix';
      test(`${kind}, planted in ${where}, does not make its role a superuser`, { tag }, async () => {
        const tested = planting('DELETE FROM bait');
        const meanwhile = { [moment]: planting(inPublic(attack)), tested };
        await expect(useAsARun(server().as('postgres'), meanwhile)).rejects.toMatchObject(
          index === 0 ? REFUSED : REFUSED_OTHERWISE,
        );
        expect(await server().isSuperuser('planter')).toBe(false);
      });
    }
  }

  test('an owner who alters its table in a clone does not become a superuser', async () => {
    const migrated = planting(
      `${inPublic(ATTACKS['the CHECK of a table'])}; ALTER TABLE bait DROP CONSTRAINT bait_v_check`,
    );
    const cloned = planting('ALTER TABLE bait ADD CHECK (public.code(v) IS NOT NULL)');
    const tested = planting('DELETE FROM bait');
    await expect(useAsARun(server().as('postgres'), { migrated, tested })).resolves.toBeUndefined();
    await expect(useAsARun(server().as('postgres'), { migrated, cloned, tested })).rejects.toMatchObject(REFUSED);
    expect(await server().isSuperuser('planter')).toBe(false);
  });

  test('a table of another role that computes nothing, or what Postgres has, is undone like all others', {
    tag: '@matrix',
  }, async () => {
    let left: unknown;
    await useAsARun(server().as('postgres'), {
      migrated: planting(HARMLESS),
      tested: planting("UPDATE plain SET v = 'c', m = 'sad' WHERE id = 1; DELETE FROM plain WHERE id = 2"),
      rewound: async (clone) => {
        left = await inDatabase(server().as('planter'), clone, 'SELECT * FROM plain ORDER BY id');
      },
    });
    expect(left).toMatchObject({
      rows: [
        { id: 1, v: 'a', m: 'ok', n: '2.00', l: [1], g: 'A1' },
        { id: 2, v: 'b', m: null, n: '3.00', l: [2], g: 'B2' },
      ],
    });
  });

  test('an ordinary role evaluates nothing of a role that it is a member of', async () => {
    await server().admin.query('GRANT planter TO one');
    const plant = planting(inPublic(ATTACKS['the CHECK of a table']));
    const tested = planting('DELETE FROM bait');
    for (const moment of Object.keys(MOMENTS))
      await expect(useAsARun(server().as('one'), { [moment]: plant, tested })).rejects.toMatchObject(REFUSED);
  });

  test('a table of another role on which everything is granted is none that an ordinary role undoes', {
    tag: '@matrix',
  }, async () => {
    const granted = `${inPublic(ATTACKS['the CHECK of a table'])}; GRANT ALL ON bait TO PUBLIC`;
    for (const moment of Object.keys(MOMENTS))
      await expect(useAsARun(server().as('one'), { [moment]: planting(granted) })).rejects.toThrow(
        'REWIND_PRIVILEGE: this role may not capture what is written: must be owner of table bait.',
      );
  });
});
