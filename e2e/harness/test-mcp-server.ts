// `playwright run-test-mcp-server`, as Playwright's test agents drive it: JSON-RPC, a message a line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { consumerEnv } from './env.ts';
import type { Project } from './project.ts';
import type { Sandbox } from './sandbox.ts';

export interface TestMcpServer {
  /** What a tool answers, as text; rejects where that is an error. */
  readonly call: (tool: string, args?: object) => Promise<string>;
  /** What it has written to stdout and is no message. */
  readonly noise: readonly string[];
  readonly stderr: () => string;
  /** Ends it as a client does; resolves with its exit code. */
  readonly close: () => Promise<number | null>;
}

interface Answer {
  readonly result?: { readonly content?: readonly { readonly text?: string }[]; readonly isError?: boolean };
  readonly error?: object;
}

const CALL_TIMEOUT_MS = 120_000;

export async function openTestMcpServer(home: string, { scope }: Sandbox, project: Project): Promise<TestMcpServer> {
  const cli = path.join(home, 'node_modules/@playwright/test/cli.js');
  const own = {
    TMPDIR: scope.tmp,
    E2E_TAG: scope.tag,
    STACKS_CACHE: scope.cache,
    CHROMIUM_PATH: process.env.CHROMIUM_PATH,
  };
  const env = { ...consumerEnv(), ...own, PWTEST_CACHE_DIR: path.join(home, 'transform-cache') };
  const child = spawn(process.execPath, [cli, 'run-test-mcp-server', '--headless'], { cwd: project.folder, env });
  const noise: string[] = [];
  const waiting = new Map<number, (answer: Answer) => void>();
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface(child.stdout).on('line', (line) => {
    try {
      const { id, ...answer }: Answer & { readonly id: number } = JSON.parse(line);
      waiting.get(id)?.(answer);
    } catch {
      noise.push(line);
    }
  });
  let last = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (method: string, params: object) =>
    new Promise<Answer>((resolve, reject) => {
      last += 1;
      const late = () =>
        reject(new Error(`no answer to ${method} ${JSON.stringify(params)}.\n${noise.join('\n')}\n${errors}`));
      const timer = setTimeout(late, CALL_TIMEOUT_MS);
      waiting.set(last, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send({ id: last, method, params });
    });
  const clientInfo = { name: 'test', version: '1' };
  await ask('initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo });
  send({ method: 'notifications/initialized' });
  return {
    call: async (name, args = {}) => {
      const { result, error } = await ask('tools/call', { name, arguments: args });
      const text = (result?.content ?? []).map((each) => each.text ?? '').join('\n');
      if (error || result?.isError) throw new Error(`${name}: ${JSON.stringify(error ?? text)}`);
      return text;
    },
    noise,
    stderr: () => errors,
    close: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
  };
}
