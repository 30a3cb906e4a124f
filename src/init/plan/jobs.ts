// Queues whose jobs run beside the requests: what is to be known of them, and a worker that no server's command starts.
import { withScripts } from '../../config/source-files.ts';
import { atKey, type Project } from '../project.ts';
import type { PlannedServer } from './servers.ts';

/** Those that keep their jobs in Postgres, and those that keep them elsewhere. */
const QUEUES: readonly (readonly [dependency: string, keeps: 'rewound' | 'shared'])[] = [
  ['graphile-worker', 'rewound'],
  ['pg-boss', 'rewound'],
  ['bullmq', 'shared'],
  ['bull', 'shared'],
  ['bee-queue', 'shared'],
];
const WORKER = /^(?:(?:start|dev|run)[:._-])?(?:workers?|jobs?|queues?)(?:[:._-](?:start|dev|run))?$/;

/** @param servers none: the config itself says what they are */
export function jobsTodo(project: Project, servers: readonly PlannedServer[]): string[] {
  const [queue, keeps] = QUEUES.find(([name]) => project.dependencies.has(name)) ?? [];
  if (queue === undefined) return [];
  const at = atKey(project, queue);
  const texts = withScripts(servers.map(({ command }) => ({ text: command, cwd: project.folder })));
  const script = Object.keys(project.scripts).find((name) => WORKER.test(name));
  const isLeftOut = script !== undefined && servers.length > 0 && !texts.some(({ text }) => text.includes(script));
  return [
    `${at}: a job of ${queue} may run when its test is over. Wait for what it writes, or let the application say when none runs: idle: { when: '/idle' } in its server`,
    ...(keeps === 'shared'
      ? [`${at}: ${queue} keeps its jobs in Redis, which all slots share: give it process.env.STACK_KEY as its prefix`]
      : []),
    ...(isLeftOut
      ? [
          `${atKey(project, script)}: no slot runs \`${script}\`: write it as a second server, { command: 'npm run ${script}', wait: { stdout: /…/ } }`,
        ]
      : []),
  ];
}
