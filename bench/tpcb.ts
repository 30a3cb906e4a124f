// pgbench's TPC-B with eight clients: how many transactions a database still makes under capture.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { installCapture } from '../src/rewind/install.ts';
import { type Answer, answer } from './answer.ts';
import { lowerQuartile } from './contest.ts';
import { cloneStrategy, type TestBed } from './test-bed.ts';

const ROUNDS = 3;

export async function askAboutThroughput({ cluster, admin }: TestBed, tell: (answer: Answer) => void): Promise<void> {
  const pgbench = await findPgbench();
  if (!pgbench) return void process.stderr.write('TPC-B left out: no pgbench here\n');
  const connection = ['-h', '127.0.0.1', '-p', `${cluster.port}`, '-U', 'postgres'];
  await admin.query('CREATE DATABASE tpcb');
  await promisify(execFile)(pgbench, [...connection, '-i', '-q', '-s', '10', 'tpcb']);
  await admin.query(`CREATE DATABASE tpcb_captured TEMPLATE tpcb ${cloneStrategy(cluster)}`);
  const installer = await cluster.connect('tpcb_captured');
  await installCapture(installer);
  await installer.end();

  // A new database for every round: what the last one wrote would slow the next.
  const secondsEach = async (template: string): Promise<number> => {
    await admin.query(`CREATE DATABASE bank TEMPLATE ${template} ${cloneStrategy(cluster)}`);
    const load = ['-n', '-M', 'prepared', '-c', '8', '-j', '2', '-T', '4', 'bank'];
    const { stdout } = await promisify(execFile)(pgbench, [...connection, ...load]);
    await admin.query('DROP DATABASE bank');
    return 1 / Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await secondsEach('tpcb'));
    ours.push(await secondsEach('tpcb_captured'));
  }
  const goal = { ratio: 1 / 0.8 };
  tell(
    answer(
      'TPC-B, 8 clients, a transaction',
      lowerQuartile(ours) * 1000,
      'without capture',
      lowerQuartile(theirs) * 1000,
      goal,
    ),
  );
}

async function findPgbench(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const installed = (await readdir(debian).catch(() => [])).map((major) => `${debian}/${major}/bin/pgbench`);
  for (const candidate of ['pgbench', ...installed.sort().reverse()]) {
    const version = await promisify(execFile)(candidate, ['--version']).catch(() => undefined);
    if (version) return candidate;
  }
  return undefined;
}
