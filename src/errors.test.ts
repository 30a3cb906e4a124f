import { inspect } from 'node:util';
import { expect, test } from '@playwright/test';
import { errorFromWire, errorToWire, plainError, StacksError, withoutSaidCause } from './errors.ts';

test('an error reads: code, what failed, facts, output, hint', () => {
  const error = new StacksError('SERVER_NOT_READY', 'server "web" of slot 2 did not answer within 15000 ms.', {
    facts: { command: 'npm start', 'last probe': 'HTTP 503', port: undefined },
    output: ['error: relation "users" does not exist'],
    hint: 'raise `server.timeout`.',
  });
  expect(error.message).toBe(
    [
      'SERVER_NOT_READY: server "web" of slot 2 did not answer within 15000 ms.',
      '  command     npm start',
      '  last probe  HTTP 503',
      '  output (last 1 lines)',
      '    | error: relation "users" does not exist',
      '  hint: raise `server.timeout`.',
    ].join('\n'),
  );
});

test('an error is printed as its message: no fields, no lines of it taken for frames', () => {
  const output = ['started at 12:30:45', 'at app.ts:1:2', '    at app.ts:1:2'];
  const error = new StacksError('SERVER_EXITED', 'x.\n    at app.ts:1:2', { output, cause: new Error('why') });
  const message = 'SERVER_EXITED: x.\n      at app.ts:1:2\n  output (last 3 lines)\n    | started at 12:30:45';
  expect(error.message).toBe(`${message}\n    | at app.ts:1:2\n    |     at app.ts:1:2`);
  expect(inspect(error)).toBe(`StacksError: ${error.message}`);
  expect(error.stack).toBe('');
  expect(inspect(plainError('a\nb'))).toBe('Error: a\nb');
});

test('neither the message nor a field nor the cause has a secret, and the cause keeps its facts', () => {
  const client = { user: 'a', password: 'hush' };
  const cause = Object.assign(new TypeError('no postgres://u:hush@h'), { code: '28P01', client, detail: 'token=hush' });
  const outer = new AggregateError([cause], 'all failed', { cause: new Error('PGPASSWORD=hush') });
  const error = new StacksError('POSTGRES_FAILED', 'postgres://a:hush@h', {
    items: ['password: hush'],
    facts: { to: 'postgres://a:hush@h', none: undefined },
    output: ["\x1b[33mpassword\x1b[0m: \x1b[32m'hush'\x1b[0m"],
    hint: 'PGPASSWORD=hush psql',
    cause: outer,
  });
  expect(error.message).toBe(
    [
      'POSTGRES_FAILED: postgres://a:***@h',
      '  password: ***',
      '  to  postgres://a:***@h',
      '  output (last 1 lines)',
      "    | password: '***'",
      '  hint: PGPASSWORD=***',
    ].join('\n'),
  );
  expect(inspect({ ...error, cause: error.cause }, { depth: 9, showHidden: true })).not.toContain('hush');
  const [inner] = (error.cause as AggregateError).errors;
  expect(inner).toBeInstanceOf(TypeError);
  expect(inner).toMatchObject({ code: '28P01', message: 'no postgres://u:***@h' });
  const plain = new Error('nothing');
  expect(new StacksError('RUN_BROKEN', 'x', { cause: plain }).cause).toBe(plain);
});

test('a cause that the message has is not shown again; one that says more is', () => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
  const of = (reason: string, cause: unknown) =>
    new StacksError('DATABASE_UNREACHABLE', 'x', { facts: { reason }, cause });
  expect(withoutSaidCause(of(refused.message, refused))).not.toHaveProperty('cause');
  expect(withoutSaidCause(of('?', refused))).toHaveProperty('cause', refused);
  expect(withoutSaidCause(of('?', new Error('')))).toHaveProperty('cause');
  expect(withoutSaidCause(refused)).toBe(refused);
});

test('what a terminal or a CI runner would obey is shown', () => {
  const error = new StacksError('COMMAND_FAILED', '`seed` threw: \x1b[2J\n::error::x\x07', { items: ['a\r'] });
  expect(error.message).toBe('COMMAND_FAILED: `seed` threw: \n\\::error::x\\x07\n  a\\r');
});

test('a message is bounded, whatever goes into it', () => {
  const long = 'x'.repeat(10_000_000);
  const error = new StacksError('COMMAND_FAILED', long, {
    items: Array.from({ length: 1_000 }, () => 'item'),
    facts: { reason: long },
    output: [long],
  });
  expect(error.message.length).toBeLessThan(12_000);
  expect(error.message).toContain('x … (9996000 characters) … x');
  expect(error.message).toContain('\n  … and 950 more\n');
  expect(errorFromWire(errorToWire(error)).message).toBe(error.message);
});
