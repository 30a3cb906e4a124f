import { expect, test } from '@playwright/test';
import { shownSql, sqlWithoutValues } from './shown-sql.ts';
import { LONGEST_SQL } from './sql-tokens.ts';

const shown = (sql: string, ...parameters: (string | null)[]) => {
  const values = shownSql({ sql, parameters }, 'show');
  return parameters.length > 0 ? values.parameters : values.sql;
};

const PLAIN: readonly (readonly [sql: string, shown: string])[] = [
  ["SELECT $$a's$$, 'it''s', E'\\'', 2 /* of a */", "SELECT $$a's$$, 'it''s', E'\\'', 2 /* of a */"],
  ["INSERT INTO notes (title) SELECT 'a'", "INSERT INTO notes (title) SELECT 'a'"],
  [
    "UPDATE users SET name = 'anna', password = 'hunter2' WHERE id = 7",
    "UPDATE users SET name = 'anna', password = '***' WHERE id = 7",
  ],
  [
    `SELECT "u"."id", "u"."password" AS "u_password" FROM "u" WHERE (("u"."email" = 'a' AND 1=1) OR 'hunter2' = u.token) LIMIT 1`,
    `SELECT "u"."id", "u"."password" AS "u_password" FROM "u" WHERE (("u"."email" = 'a' AND 1=1) OR '***' = u.token) LIMIT 1`,
  ],
  ["DELETE FROM s WHERE token <> 'hunter2' AND at < 'b'", "DELETE FROM s WHERE token <> '***' AND at < 'b'"],
  [
    "INSERT INTO users (email, password, at) VALUES ('a', crypt('hunter2', gen_salt('bf')), now()), ('b', NULL, '1')",
    "INSERT INTO users (email, password, at) VALUES ('a', crypt('***', gen_salt('***')), now()), ('b', NULL, '1')",
  ],
  [
    `INSERT INTO users(token,name) VALUES('it''s','x') ON CONFLICT (token) DO UPDATE SET token = EXCLUDED.token, name = 'y' RETURNING token`,
    `INSERT INTO users(token,name) VALUES('***','x') ON CONFLICT (token) DO UPDATE SET token = EXCLUDED.token, name = 'y' RETURNING token`,
  ],
  ["ALTER ROLE app PASSWORD 'hunter2'; SELECT 'y'", "ALTER ROLE app PASSWORD '***'; SELECT 'y'"],
];

for (const [sql, expected] of PLAIN) {
  test(`of a plain statement the values of secrets are hidden, and no others: ${sql}`, () => {
    expect(shown(sql)).toBe(expected);
  });
}

for (const sql of [
  "SELECT 1 FROM s WHERE token BETWEEN 'hunter2' AND 'hunter3'",
  "SELECT CASE WHEN token = 'a' THEN 1 ELSE 'hunter2' END FROM s",
  `SELECT 1 FROM s WHERE 'hunter2' COLLATE "C" = token`,
  "SELECT 1 FROM s WHERE token IS DISTINCT FROM 'hunter2'",
  "SELECT 1 FROM s WHERE token = ('hunter2'::text) AND id = 1",
  "SELECT 1 FROM s WHERE (id, token) = (1, 'hunter2')",
  "SELECT 1 FROM s WHERE token IN ('hunter2')",
  "SELECT 1 FROM s WHERE token = ANY (ARRAY['hunter2'])",
  "SELECT 1 FROM s WHERE lower(token) = 'hunter2'",
  "SELECT check_password('hunter2')",
  "SELECT login(password => 'hunter2')",
  "SELECT 'hunter2' AS password",
  "SELECT name AS password FROM u WHERE name = 'hunter2'",
  "SELECT 1 FROM (SELECT token AS t FROM u) q WHERE t = 'hunter2'",
  "SELECT 1 FROM u JOIN v ON u.token = v.x AND v.x = 'hunter2'",
  "SELECT 1 FROM reset_token AS t WHERE t.value = 'hunter2'",
  "SELECT crypt('hunter2', 'a')",
  "INSERT INTO u (id, hash) VALUES (1, crypt('hunter2', 'a'))",
  "ALTER TABLE u ALTER COLUMN token SET DEFAULT 'hunter2'",
  "CREATE TABLE u (token text DEFAULT 'hunter2')",
  "SET app.token TO 'hunter2'",
  "SET app.token = 'hunter2'",
  'SET LOCAL app.token TO hunter2',
  'ALTER ROLE app SET app.token = "hunter2", hunter3',
  "SELECT set_config('app.token', 'hunter2', false)",
  "SELECT jsonb_build_object('password', 'hunter2')",
  `UPDATE u SET data = data || '{"password": "hunter2"}'`,
  "UPDATE u SET data = jsonb_set(data, '{password}', 'hunter2')",
  "INSERT INTO settings (key, value) VALUES ('api_key', 'hunter2')",
  "INSERT INTO users VALUES (1, 'hunter2')",
  "INSERT INTO users (id, password) VALUES (1, 2), (1, 2, 'hunter2')",
  "INSERT INTO users (password) (SELECT 'hunter2')",
  "INSERT INTO users (id, password) SELECT * FROM (VALUES (1, 'hunter2')) AS v",
  "INSERT INTO reset_tokens (id) VALUES (1) ON CONFLICT (lower(token || 'hunter2')) DO NOTHING",
  "INSERT INTO user_token AS u (id, v) VALUES (1, 'hunter2')",
  "UPDATE users SET password = v.x FROM (VALUES (1, 'hunter2')) AS v(id, x) WHERE v.id = users.id",
  "UPDATE users SET (id, password) = (1, 'hunter2')",
  "UPDATE users SET password = x WHERE x = 'hunter2'",
  "WITH v(t) AS (SELECT token FROM u) SELECT 1 FROM v WHERE t = 'hunter2'",
  "MERGE INTO u USING v ON u.token = 'hunter2' WHEN MATCHED THEN DO NOTHING",
  "MERGE INTO u USING v ON u.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (1, 'hunter2')",
  "COPY u (token) FROM PROGRAM 'hunter2'",
  "EXECUTE login(1, 'hunter2')",
  "CREATE USER MAPPING FOR a SERVER b OPTIONS (user 'a', password 'hunter2')",
  `SELECT 1 FROM u WHERE U&"t\\006fken" = 'hunter2'`,
  "SELECT PASSWord, 'hunter2' FROM u",
  "SELECT 'a' -- token hunter2",
  "SELECT 'a' /* /* token */ hunter2 */",
  "DO $do$ BEGIN PERFORM token('hunter2'); END $do$",
]) {
  test(`where a secret is named in any other way, no value is shown: ${sql}`, () => {
    expect(shown(sql)).not.toContain('hunter');
  });
}

test('of parameters those go that stand for what is hidden, and all where one of them names a secret', () => {
  expect(shown('SELECT id, password FROM u WHERE email = $1 AND u.reset_token = $2', 'a@b.c', 't')).toEqual([
    'a@b.c',
    '***',
  ]);
  expect(shown('UPDATE u SET token = $1 WHERE other = $1 AND id = $2', 'hunter2', '7')).toEqual(['***', '7']);
  expect(shown('INSERT INTO users VALUES ($1, $2)', 'a', null)).toEqual(['***', null]);
  expect(shown('INSERT INTO settings (key, value) VALUES ($1, $2)', 'api_key', 'hunter2')).toEqual(['***', '***']);
  expect(shown('INSERT INTO notes (title) VALUES ($1)', 'a')).toEqual(['a']);
});

test('without values there are no literals, comments and parameters, of whatever kind', () => {
  const sql = "SELECT 1, 'a', E'\\'', $$b$$, U&'c', B'1', n FROM t /* d */ WHERE \"t\".\"e\" = $1 -- f";
  expect(shownSql({ sql, parameters: ['x', null] }, 'hide')).toEqual({
    sql: "SELECT '***', '***', '***', '***', '***', '***', n FROM t  WHERE \"t\".\"e\" = $1 ",
    parameters: ['***', null],
    isWhole: false,
  });
  expect(sqlWithoutValues('SET a TO b; SELECT c')).toBe("SET a TO '***'; SELECT c");
  expect(sqlWithoutValues("SELECT a FROM b WHERE c = 'cut by the ser")).toBe("SELECT a FROM b WHERE c = '***'");
});

test('of SQL of 8 MB the beginning is shown, without values', () => {
  for (const unit of ["SELECT token = 'a'; ", '(', "token='a',", "'", "''", '$$', '/*', '"', '--\n', '$1']) {
    const sql = unit.repeat(2 ** 23 / unit.length);
    const { sql: text, parameters } = shownSql({ sql, parameters: ['a'] }, 'show');
    expect(text.endsWith(` … (${sql.length - LONGEST_SQL} characters)`)).toBe(true);
    expect(parameters).toEqual(['***']);
  }
});
