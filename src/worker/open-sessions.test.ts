// What the sessions on a database are at, as a failed test is given it.
import { expect, test } from '../rewind/testing/database.ts';
import { openSessions } from './open-sessions.ts';

test('of a session’s statement no value is shown, wherever its text is cut', async ({ testDatabase }) => {
  const { app, control } = await testDatabase('15', 'CREATE TABLE users (id int, password text)');
  const long = 'x'.repeat(2_000); // Postgres keeps 1,024 bytes
  await app.query(`UPDATE users SET password = 'hunter2' WHERE id <> 7 AND password <> '${long}' -- hunter2`);
  expect((await openSessions(control)).map(({ query }) => query)).toContain(
    "UPDATE users SET password = '***' WHERE id <> '***' AND password <> '***'",
  );
});
