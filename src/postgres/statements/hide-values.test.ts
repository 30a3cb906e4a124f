import { expect, test } from '@playwright/test';
import { withoutSecretKeys, withoutSecretValues } from './hide-values.ts';

const shown = (sql: string, ...parameters: (string | null)[]) => {
  const values = withoutSecretValues({ sql, parameters });
  return parameters.length > 0 ? values.parameters : values.sql;
};

test('what is set to, compared with or inserted into a column that is named like a secret is hidden, and nothing else', () => {
  expect(shown("UPDATE users SET name = 'anna', password = 'hunter2' WHERE id = 7")).toBe(
    "UPDATE users SET name = 'anna', password = '***' WHERE id = 7",
  );
  expect(
    shown(`UPDATE users SET "passwordHash" = crypt($1, gen_salt('bf')), name = $2 WHERE id = $3`, 'x', 'y', '1'),
  ).toEqual(['***', 'y', '1']);
  expect(shown('SELECT id, password FROM users WHERE email = $1 AND u.reset_token = $2', 'a@b.c', 't')).toEqual([
    'a@b.c',
    '***',
  ]);
  expect(shown('SELECT 1 FROM s WHERE $1 = token OR (token IN ($2, $3)) LIMIT $4', 'a', 'b', 'c', '5')).toEqual([
    '***',
    '***',
    '***',
    '5',
  ]);
  expect(
    shown(
      'INSERT INTO users (email, password, at) VALUES ($1, $2, now()), ($3, lower($4), $5)',
      'a',
      'b',
      'c',
      'd',
      'e',
    ),
  ).toEqual(['a', '***', 'c', '***', 'e']);
  expect(shown("INSERT INTO users(token,name) VALUES('it''s','x') ON CONFLICT (token) DO UPDATE SET name = 'y'")).toBe(
    "INSERT INTO users(token,name) VALUES('***','x') ON CONFLICT (token) DO UPDATE SET name = 'y'",
  );
  expect(shown('UPDATE users SET (email, password) = ($1, $2) WHERE id = $3', 'a', 'b', '1')).toEqual([
    '***',
    '***',
    '1',
  ]);
  expect(shown("ALTER ROLE app PASSWORD 'x'; SELECT 'y'")).toBe("ALTER ROLE app PASSWORD '***'; SELECT 'y'");
  expect(shown("SELECT $$a password = 'b'$$, 'it''s', E'\\'', 2 /* token = 'c' */")).toBe(
    "SELECT $$a password = 'b'$$, 'it''s', E'\\'', 2 /* token = 'c' */",
  );
});

test('where the columns of values cannot be told, all values go', () => {
  expect(shown('INSERT INTO users VALUES ($1, $2)', 'a', null)).toEqual(['***', null]);
  expect(shown('INSERT INTO users (email, password) SELECT * FROM unnest($1::text[], $2::text[])', 'a', 'b')).toEqual([
    '***',
    '***',
  ]);
  expect(shown('EXECUTE login($1, 2)', 'a')).toEqual(['***']);
  expect(shown('INSERT INTO notes (title) SELECT $1', 'a')).toEqual(['a']);
});

test('keys of errors are shown but for those of secrets; a failing row says of no column what it is', () => {
  expect(withoutSecretKeys('Key (email)=(a@b.c) already exists.')).toBe('Key (email)=(a@b.c) already exists.');
  expect(withoutSecretKeys('Key (user_id, token)=(1, abc) already exists.')).toBe(
    'Key (user_id, token)=(***) already exists.',
  );
  expect(withoutSecretKeys('Failing row contains (1, abc).')).toBeUndefined();
});
