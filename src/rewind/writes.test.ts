// Everything that writes, into every kind of table: rewound, it is what it was.
import { changes } from './changes.ts';
import { rowsOf } from './client.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { TABLES } from './testing/kinds.ts';
import { onEachMajor } from './testing/majors.ts';
import { RELATED } from './testing/related.ts';
import { statements } from './testing/statements.ts';

onEachMajor((major) => {
  for (const kind of [...TABLES, ...RELATED].filter(({ since = 0 }) => Number(major) >= since)) {
    test(`${kind.title}: rewound on ${major}`, async ({ testDatabase }) => {
      const { app, control, untouched } = await testDatabase(major, kind.schema);
      const before = await stateOf(untouched);
      expect(await stateOf(app)).toEqual(before);
      const start = await mark(control);
      for (const write of kind.writes) {
        await test.step(write.slice(0, 90), async () => {
          await app.query('RESET ALL');
          for (const statement of statements(write)) await app.query(statement);
          expect(await rowsOf(control, 'SELECT * FROM playwright_stacks.broken')).toEqual([]);
          const idle = /ROLLBACK$|v = v|fast = fast|DO NOTHING$/.test(write);
          if (!idle) expect(await stateOf(app), 'it writes').not.toEqual(before);
          await changes(control, start);
          await rewind(control, start);
          expect(await stateOf(app), write).toEqual(before);
          expect(await rowsOf(control, 'SELECT count(*)::int FROM playwright_stacks.log')).toEqual([{ count: 0 }]);
        });
      }
    });
  }
});
