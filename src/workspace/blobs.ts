// The contents of files as they are committed, from a git process that is kept: to start one for each reset takes longer
// than all the rest of it.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { within } from '../wait.ts';
import { gitEnvironment } from './git.ts';

interface Wanted {
  readonly oid: string;
  readonly file: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds that the files of one reset may take. */
const BLOBS_TIMEOUT_MS = 60_000;

export class Blobs {
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcessWithoutNullStreams | undefined;
  /** In the order in which they were asked for. */
  #wanted: Wanted[] = [];
  /** What is not read yet, of a header, or of the content that `#left` bytes are left of, and a line end. */
  #header = '';
  #left: number | undefined;

  /** @param env what names the repository */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** Writes each into a new file. Rejects where one is missing, or git has ended; the next call begins with another. */
  async write(files: readonly { readonly oid: string; readonly path: string; readonly mode: number }[]): Promise<void> {
    const opened: number[] = [];
    try {
      const all = files.map(({ oid, path, mode }) => {
        const file = openSync(path, 'wx', mode);
        opened.push(file);
        return this.#ask(oid, file);
      });
      await within(BLOBS_TIMEOUT_MS, 'git cat-file', () => Promise.all(all));
    } catch (error) {
      this.close();
      throw error;
    } finally {
      for (const file of opened) closeSync(file);
    }
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#failed(new Error('git cat-file was ended'));
  }

  #ask(oid: string, file: number): Promise<void> {
    const child = this.#started();
    const done = new Promise<void>((resolve, reject) => {
      this.#wanted.push({ oid, file, resolve, reject });
    });
    done.catch(() => {}); // the first that fails is enough
    child.stdin.write(`${oid}\n`);
    return done;
  }

  #started(): ChildProcessWithoutNullStreams {
    if (this.#child) return this.#child;
    const child = spawn('git', ['cat-file', '--batch'], { cwd: '/', env: { ...gitEnvironment(), ...this.#env } });
    this.#child = child;
    const failed = (error: Error) => this.#child === child && this.#failed(error);
    child.on('error', failed).on('exit', (code, signal) => failed(new Error(`git cat-file: ${signal ?? code}`)));
    child.stdin.on('error', failed);
    child.stderr.resume();
    child.stdout.on('data', (chunk: Buffer) => this.#child === child && this.#read(chunk));
    // It ends with its standard input, and no worker waits for it.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
    return child;
  }

  #failed(error: Error): void {
    this.#child = undefined;
    this.#header = '';
    this.#left = undefined;
    for (const { reject } of this.#wanted.splice(0)) reject(error);
  }

  /** `<oid> blob <size>`, the content, a line end; or `<oid> missing`. */
  #read(chunk: Buffer): void {
    try {
      for (let at = 0; at < chunk.length; )
        at = this.#left === undefined ? this.#readHeader(chunk, at) : this.#readContent(chunk, at, this.#left);
    } catch (error) {
      this.#child?.kill('SIGKILL');
      this.#failed(error as Error);
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(0x0a, at);
    this.#header += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.length;
    const [, type, size] = this.#header.split(' ');
    if (type !== 'blob') throw new Error(`git cat-file: ${this.#header}`);
    this.#header = '';
    this.#left = Number(size) + 1;
    return end + 1;
  }

  #readContent(chunk: Buffer, at: number, left: number): number {
    const [wanted] = this.#wanted;
    if (!wanted) throw new Error('git cat-file said more than it was asked');
    const end = Math.min(chunk.length, at + left);
    const isLast = end - at === left; // with the line end after it
    for (let from = at; from < end - (isLast ? 1 : 0); )
      from += writeSync(wanted.file, chunk, from, end - (isLast ? 1 : 0) - from);
    this.#left = isLast ? undefined : left - (end - at);
    if (isLast) this.#wanted.shift()?.resolve();
    return end;
  }
}
