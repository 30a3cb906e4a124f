import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedServer } from '../../config/resolved.ts';
import { Lifetime } from '../../lifetime.ts';
import { ServerCopies } from './server-copies.ts';

let cwd: string;
const lifetime = () => new Lifetime();
test.beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'server-copies-'));
  mkdirSync(join(cwd, '.next/pages'), { recursive: true });
  writeFileSync(join(cwd, '.next/pages/a.html'), 'built');
  writeFileSync(join(cwd, 'state.json'), '{}');
});
test.afterEach(() => rmSync(cwd, { recursive: true }));

const server = (copy: ResolvedServer['copy']) => ({ name: 'web', cwd, copy }) as unknown as ResolvedServer;

function newCopies(): { copies: ServerCopies; noted: string[]; gone: string[] } {
  const noted: string[] = [];
  const gone: string[] = [];
  const note = ({ path }: { path: string }) => {
    noted.push(path);
    return () => void gone.push(path);
  };
  const copies = new ServerCopies({ run: '0123456789', signal: new AbortController().signal, note });
  return { copies, noted, gone };
}

test('each stack writes to a copy of its own, which is put back where that is asked for, and removed with it', async () => {
  const { copies, noted, gone } = newCopies();
  const life = lifetime();
  mkdirSync(join(cwd, 'node_modules'));
  writeFileSync(join(cwd, 'package.json'), '{}');
  symlinkSync('a.html', join(cwd, '.next/pages/link'));
  linkSync(join(cwd, '.next/pages/a.html'), join(cwd, '.next/pages/hard'));
  await copies.make(
    [
      server([
        { path: '.next', reset: 'test' },
        { path: 'state.json', reset: 'file' },
        { path: 'uploads', reset: 'never' },
      ]),
    ],
    life,
  );
  const paths = copies.of('web');
  // Within the project: what is built finds its modules from there.
  expect(paths['.next']).toMatch(
    /^node_modules\/\.cache\/playwright-stacks\/stk-0123456789-copies-\w{6}\/copies\/\.next$/,
  );
  const [next = '', state = '', uploads = ''] = ['.next', 'state.json', 'uploads'].map((path) =>
    resolve(cwd, paths[path] ?? ''),
  );
  expect(statSync(join(next, 'pages/a.html')).ino).not.toBe(statSync(join(cwd, '.next/pages/a.html')).ino);
  expect(readdirSync(uploads)).toEqual([]);

  const write = () => {
    writeFileSync(join(next, 'pages/a.html'), 'written');
    writeFileSync(join(next, 'new'), '');
    writeFileSync(state, '{"n":1}');
    writeFileSync(join(uploads, 'mine'), '');
  };
  write();
  await copies.reset('test');
  expect(readFileSync(join(next, 'pages/a.html'), 'utf8')).toBe('built');
  expect(readdirSync(next)).toEqual(['pages']);
  expect(readFileSync(state, 'utf8')).toBe('{"n":1}');
  await copies.reset('group');
  expect(readFileSync(state, 'utf8')).toBe('{}');
  expect(readdirSync(uploads)).toEqual(['mine']);
  expect(readFileSync(join(cwd, '.next/pages/a.html'), 'utf8')).toBe('built');

  await life.close();
  expect(gone).toEqual(noted);
  expect(readdirSync(join(cwd, 'node_modules/.cache/playwright-stacks'))).toEqual([]);
});

test('without node_modules the copies are in the temporary folder; without any copy nothing is made', async () => {
  const { copies, noted } = newCopies();
  const life = lifetime();
  await copies.make([server([])], life);
  expect(noted).toEqual([]);
  await copies.make([server([{ path: '.next', reset: 'never' }])], life);
  expect(noted[0]?.startsWith(join(tmpdir(), 'stk-0123456789-copies-'))).toBe(true);
  await life.close();
});

test('a link is copied as what it leads to, and one that a server has put in place of its copy is not written through', async () => {
  const { copies } = newCopies();
  const life = lifetime();
  symlinkSync('state.json', join(cwd, 'current.json'));
  symlinkSync('.next', join(cwd, 'built'));
  const paths = ['current.json', 'built', '.next'];
  await copies.make([server(paths.map((path) => ({ path, reset: 'test' as const })))], life);
  const [file = '', folder = '', next = ''] = paths.map((path) => resolve(cwd, copies.of('web')[path] ?? ''));
  writeFileSync(file, 'written');
  writeFileSync(join(folder, 'pages/a.html'), 'written');
  expect(readFileSync(join(cwd, 'state.json'), 'utf8')).toBe('{}');
  expect(readFileSync(join(cwd, '.next/pages/a.html'), 'utf8')).toBe('built');

  writeFileSync(join(cwd, 'mine.json'), 'mine');
  mkdirSync(join(cwd, 'mine'));
  for (const [at, to] of [
    [file, 'mine.json'],
    [next, 'mine'],
  ] as const) {
    rmSync(at, { recursive: true });
    symlinkSync(join(cwd, to), at);
  }
  await copies.reset('test');
  expect(readFileSync(file, 'utf8')).toBe('{}');
  expect(readFileSync(join(next, 'pages/a.html'), 'utf8')).toBe('built');
  expect(readFileSync(join(cwd, 'mine.json'), 'utf8')).toBe('mine');
  expect(readdirSync(join(cwd, 'mine'))).toEqual([]);
  await life.close();
});

test('relative links in a copy lead where they led: out of it to the same file, to what is copied too to its copy', async () => {
  const { copies } = newCopies();
  const life = lifetime();
  mkdirSync(join(cwd, 'node_modules/pg'), { recursive: true });
  mkdirSync(join(cwd, '.next/node_modules'));
  symlinkSync('../../node_modules/pg', join(cwd, '.next/node_modules/pg-5877'));
  symlinkSync('../pages', join(cwd, '.next/node_modules/pages'));
  symlinkSync('../state.json', join(cwd, '.next/state'));
  const paths = ['.next', 'state.json'];
  await copies.make([server(paths.map((path) => ({ path, reset: 'test' as const })))], life);
  const [next = '', state = ''] = paths.map((path) => resolve(cwd, copies.of('web')[path] ?? ''));
  for (const when of ['copied', 'put back']) {
    expect(realpathSync(join(next, 'node_modules/pg-5877')), when).toBe(realpathSync(join(cwd, 'node_modules/pg')));
    expect(realpathSync(join(next, 'node_modules/pages')), when).toBe(realpathSync(join(next, 'pages')));
    expect(realpathSync(join(next, 'state')), when).toBe(realpathSync(state));
    await copies.reset('test');
  }
  await life.close();
});

test('in a workspace whose modules are hoisted, copies are within it', async () => {
  const { copies } = newCopies();
  const life = lifetime();
  mkdirSync(join(cwd, 'node_modules'));
  mkdirSync(join(cwd, 'apps/web/.next'), { recursive: true });
  for (const folder of ['', 'apps/web']) writeFileSync(join(cwd, folder, 'package.json'), '{}');
  const web = { ...server([{ path: '.next', reset: 'never' }]), cwd: join(cwd, 'apps/web') };
  await copies.make([web], life);
  expect(copies.of('web')['.next']).toMatch(
    /^\.\.\/\.\.\/node_modules\/\.cache\/playwright-stacks\/stk-.*\/copies\/\.next$/,
  );
  await life.close();
});
