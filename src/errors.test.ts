import { expect, test } from '@playwright/test';
import { redact, StacksError } from './errors.ts';

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
  expect(error.stack).toBe(error.message);
});

test('passwords of connection strings are not in messages', () => {
  expect(redact('connect postgres://app:s%40cret@localhost:5432/x failed')).toBe(
    'connect postgres://app:***@localhost:5432/x failed',
  );
  expect(redact('postgres://u:p@ss@host/x?password=s3cret&a=1')).toBe('postgres://u:***@host/x?password=***&a=1');
  const cause = new StacksError('COMMAND_FAILED', 'x', { cause: new Error('no postgres://u:hush@h') }).cause as Error;
  expect(cause.message + cause.stack).not.toContain('hush');
  expect(new StacksError('POSTGRES_FAILED', 'x', { output: ['postgresql://a:b@h/d'] }).message).not.toContain(':b@');
});
