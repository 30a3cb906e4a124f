import { inspect } from 'node:util';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { remember } from './known-secrets.ts';
import { redact, redactData } from './redact.ts';

const DOUBLED = 'quoted by doubling';

const shapes: Readonly<Record<string, (password: string) => string>> = {
  'a URL, encoded': (p) => `connect to postgres://app:${encodeURIComponent(p)}@localhost:5432/x failed`,
  'a URL with a driver': (p) => `postgresql+asyncpg://app:${encodeURIComponent(p)}@h/d`,
  'a URL with a parameter': (p) => `jdbc:postgresql://h/d?user=a&password=${encodeURIComponent(p)}&ssl=true`,
  'a URL, encoded as a whole': (p) => `?next=${encodeURIComponent(`postgres://app:${encodeURIComponent(p)}@h/d`)}&a=1`,
  'a URL in PHP’s JSON': (p) => `{"url":"postgres:\\/\\/app:${encodeURIComponent(p)}@h\\/d"}`,
  JSON: (p) => JSON.stringify({ user: 'app', password: p, port: 1 }),
  'JSON in lines': (p) => JSON.stringify({ db: { adminPassword: p, port: 1 } }, undefined, 2),
  'JSON in JSON': (p) => JSON.stringify({ msg: JSON.stringify({ password: p, port: 1 }), level: 30 }),
  'JSON in JSON in JSON': (p) => JSON.stringify([JSON.stringify([JSON.stringify({ password: p, n: 1 })])]),
  'util.inspect': (p) =>
    `config: ${inspect({ user: 'app', connection: { password: p, port: 1 } }, { breakLength: 60 })}`,
  'libpq’s keywords': (p) => `host=h password='${p.replace(/[\\']/g, '\\$&')}' port=1`,
  [DOUBLED]: (p) => `ALTER ROLE app PASSWORD '${p.replaceAll("'", "''")}' VALID UNTIL 'infinity'`,
  'a line of .pgpass': (p) => `localhost:5432:*:app:${p.replace(/[\\:]/g, '\\$&')}`,
  'a line of env': (p) => `HOME=/root\nPGPASSWORD=${p}\nPATH=/bin`,
};

/** Letters, signs, quotes, backslashes; one line, not empty, and nothing that says of itself that it is no password. */
const password = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...`aZ09'"\`\\ :;,@/?#&%=+*$(){}[]<>|!~-_.é東`),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 24,
  })
  .filter((text) => !/^(?:\*\*\*|null|undefined|true|false|None|nil|\[(?:object|Function))|^\s|\s$/.test(text));

for (const [name, print] of Object.entries(shapes)) {
  test(`whatever the password, it is not shown: ${name}`, () => {
    const [head, tail] = print('XYZ').split('XYZ');
    fc.assert(
      fc.property(password, (secret) => {
        const [left = '', right = ''] = redact(print(secret)).split('***');
        // A quote may be of another kind.
        const kind = (text: string) => text.replace(/["'`]/g, "'");
        expect(kind(left)).toBe(kind(head ?? ''));
        // A backslash may or may not escape the quote after it: then more is hidden.
        if (name === DOUBLED) expect(kind(tail ?? '')).toContain(kind(right));
        else expect(kind(right)).toBe(kind(tail ?? ''));
      }),
      { numRuns: 100, examples: [["\\'a"], ["a\\'"], ["'\\''b"]] },
    );
  });
}

test('what this run knows to be a secret is hidden, whatever it stands beside', () => {
  remember('correct-horse-9');
  expect(redact('it said correct-horse-9 twice: correct-horse-9')).toBe('it said *** twice: ***');
});

test('in prose and lists, what cannot be told apart is hidden', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['postgres://me@srv:p@ss/w?o#rd@host/x?sslmode=require', 'postgres://me@srv:***@host/x?sslmode=require'],
    [
      'redis://:hush@h https://ghp@github.com/a http://localhost:3000/@vite/client',
      'redis://:***@h https://***@github.com/a http://localhost:3000/@vite/client',
    ],
    ['["postgres://h:5432/d","a@b"] postgres://h:5432/d?x=1', '["postgres://h:5432/d","a@b"] postgres://h:5432/d?x=1'],
    ['db.password = hush', 'db.password = ***'],
    ['  password: hush', '  password: ***'],
    ['{Password:hush Port:1} [password=hush, port=1]', '{Password:*** Port:1} [password=*** port=1]'],
    ['{ password: hush, port: 1 } :password=>"hush"', '{ password: ***, port: 1 } :password=>"***"'],
    ['"pin_token":1234,"password":null', '"pin_token":***,"password":null'],
    [
      '<password>hush</password> &quot;token&quot;:&quot;hush&quot;',
      '<password>***</password> &quot;token&quot;:&quot;***&quot;',
    ],
    ['Authorization: Basic aHVzaA==', 'Authorization: ***'],
    ["headers: { cookie: 'sid=hush' } Bearer abcdefghij.k", "headers: { cookie: '***' } Bearer ***"],
    ['psql --password=hush; PGPASSWORD=hush psql', 'psql --password=*** PGPASSWORD=*** psql'],
    ["CREATE ROLE a PASSWORD E'hush'; IDENTIFIED BY 'hush'", "CREATE ROLE a PASSWORD E'***'; IDENTIFIED BY '***'"],
    ['-----BEGIN RSA PRIVATE KEY-----\nhush\n-----END RSA PRIVATE KEY-----\nx', '***\nx'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.sig ghp_0123456789abcdef', '*** ***'],
    ['npm_0123456789abcdefghij in .npmrc', '*** in .npmrc'],
    ["Map(1) { 'password' => 'hush' }", "Map(1) { 'password' => '***' }"],
  ];
  for (const [said, shown] of cases) expect(redact(said)).toBe(shown);
});

test('what is no secret stays', () => {
  const texts = [
    'password authentication failed for user "app"',
    'rejects a password: too short',
    'Unexpected token \'}\', "{" is not valid JSON',
    'SyntaxError: Unexpected token (1:12)',
    'tokens: 512, bypass=1, PWD=/home/a, secretary: Ann',
    'password: undefined, password: \'\', { token: null, "secret": false }',
    'src/a.ts:10:5: error: x, foo.c:12:34: 56:78, at 12:30:45',
    'http://localhost:5432/x, listening on :5432',
    'token == x, passwords match',
    'echo "<$MY_SECRET>"; npm_package_name=x',
  ];
  for (const text of texts) expect(redact(text)).toBe(text);
});

test('of data the values go, not the names', () => {
  const data = {
    table: 'users',
    after: { id: 1, password_hash: 'x', resetToken: 7, roles: ['a'], token: null, note: 'postgres://a:b@h' },
  };
  expect(redactData([data])).toEqual([
    {
      table: 'users',
      after: { id: 1, password_hash: '***', resetToken: '***', roles: ['a'], token: null, note: 'postgres://a:***@h' },
    },
  ]);
});

test('a megabyte of the worst takes linear time', () => {
  for (const unit of [
    'password=',
    'password="',
    '\\"password\\":\\"',
    'a://a:',
    'postgres://a:a',
    'postgres://a:@',
    'a%3A%2F%2Fa%3A',
    'a:12:a:a',
    '-----BEGIN PRIVATE KEY-----',
    'password: ',
    '\\',
    'eyJaaaaaaaa.',
    'token)=(\n',
    'Failing row contains (',
  ]) {
    redact(unit.repeat(200_000 / unit.length));
  }
});

test('the placeholder of a template is no password', () => {
  const texts = [
    'jdbc:postgresql://{host}:{port}/{database}?user={user}&password={password}',
    "DB: 'postgresql+asyncpg://{user}:{password}@{host}:{port}/{database}'",
    "{ URL: 'jdbc:postgresql://{host}/{database}?password={password}' }",
    'env: { DB_USER: \'{user}\', DB_PASSWORD: \'{password}\', "PGPASSWORD": "{password}" }',
  ];
  for (const text of texts) expect(redact(text)).toBe(text);
});

test('of an error of Postgres the key is hidden that has a column of a secret, and a row of unknown columns', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "detail: 'Key (email, token)=(a@b.c, a) b) already exists.',",
      "detail: 'Key (email, token)=(***) already exists.',",
    ],
    ['Key (lower(token::text), id)=(a\nb, 1) is duplicated.', 'Key (lower(token::text), id)=(***) is duplicated.'],
    [
      '{"token":"a","detail":"Key (api_key)=(a) is not present in table \\"t\\".","b":"(c)"}',
      '{"token":"***","detail":"Key (api_key)=(***) is not present in table \\"t\\".","b":"(c)"}',
    ],
    ['Schlüssel »(token)=(a)« existiert bereits.\n(b)', 'Schlüssel »(token)=(***)« existiert bereits.\n(b)'],
    [
      'Key (token)=(a) conflicts with existing key (token)=(b).',
      'Key (token)=(***) conflicts with existing key (token)=(***).',
    ],
    ["detail: 'Failing row contains (1, a).b, 2).',\n(c)", "detail: 'Failing row contains (***).',\n(c)"],
  ];
  for (const [said, shown] of cases) expect(redact(said)).toBe(shown);
  const plain = 'Key (email)=(a@b.c) already exists. f(token) = (b)';
  expect(redact(plain)).toBe(plain);
});

test('a name that objects have by themselves is one of the user’s, too', () => {
  const rows = JSON.parse('[{ "__proto__": { "password": "hush", "name": "ada" } }]');
  expect(JSON.stringify(redactData(rows))).toBe('[{"__proto__":{"password":"***","name":"ada"}}]');
});
