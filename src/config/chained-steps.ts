// What a server's command does before it serves, and what is better done once for all slots: `npm run db:migrate &&
// npm run db:seed && npm run build && npm start`, also behind an npm script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedServer, ResolvedStacks } from './resolved.ts';

export type StepName = 'migrate' | 'seed' | 'build';

/** A server whose command has steps before it serves. */
export interface ChainedSteps {
  readonly server: string;
  readonly steps: readonly { readonly step: StepName; readonly command: string }[];
  /** The command without them. */
  readonly serves: string;
}

const STEPS: readonly (readonly [StepName, RegExp])[] = [
  ['seed', /\b(?:seed|seeds|seeding|loaddata)\b|\bseed:/],
  [
    'migrate',
    /\bmigrat(?:e|ions?)\b|\bnode-pg-migrate\b|\b(?:prisma\s+db|drizzle-kit)\s+push\b|\bdb:(?:push|prepare|setup)\b|\b(?:alembic|flask\s+db)\s+upgrade\b|\bdbmate\s+up\b|\bflyway\b|\bsqitch\s+deploy\b/,
  ],
  [
    'build',
    /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?build(?![\w-])|\b(?:next|vite|nuxt|nuxi|astro|remix|react-router|ng|nest|turbo|turbo\s+run|vite:)\s+build\b|\bvite:build\b|^(?:npx\s+)?(?:tsc|tsup|webpack|rollup|esbuild|swc)\b(?!.*\s--?w(?:atch)?\b)/,
  ],
];
const SCRIPT = /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)(?:\s+--\s+(.*))?$/;
const MOST_DEPTH = 5;

export function chainedSteps({ variants }: Pick<ResolvedStacks, 'variants'>): ChainedSteps[] {
  const servers = [...variants.values()].flatMap((variant) => variant.servers);
  const found = servers.flatMap((server) => stepsOf(server) ?? []);
  return [...new Map(found.map((each) => [each.server, each])).values()];
}

function stepsOf({ name, command, cwd }: ResolvedServer): ChainedSteps | undefined {
  const found = command === undefined ? undefined : chainedParts(command, cwd);
  return found && { server: name, ...found };
}

/** Undefined: it has no such steps. */
export function chainedParts(command: string, cwd: string): Omit<ChainedSteps, 'server'> | undefined {
  const parts = partsOf(command, cwd);
  const before = parts.slice(0, -1).map((part) => ({ part, step: stepOf(part) }));
  const steps = before.flatMap(({ part, step }) => (step ? [{ step, command: part }] : []));
  if (steps.length === 0) return undefined;
  const rest = before.flatMap(({ part, step }) => (step ? [] : [part]));
  return { steps, serves: [...rest, ...parts.slice(-1)].join(' && ') };
}

function stepOf(part: string): StepName | undefined {
  // A folder may be called so.
  return /^cd\s/.test(part) ? undefined : STEPS.find(([, pattern]) => pattern.test(part))?.[0];
}

/** The commands that come one after the other, those of scripts in their place. */
function partsOf(command: string, cwd: string, depth = 0): string[] {
  const parts = command
    .split(/&&|;/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.flatMap((part, index) => {
    const isLast = index === parts.length - 1;
    const [, name = '', args] = SCRIPT.exec(part) ?? [];
    if (depth >= MOST_DEPTH || (!isLast && stepOf(part))) return [part];
    const scripts = scriptsOf(cwd);
    const [before, own] = [scripts[`pre${name}`], scripts[name]];
    const hasChain = own !== undefined && (/&&|;/.test(own) || before !== undefined);
    if (!hasChain) return [part];
    const inner = partsOf(own, cwd, depth + 1);
    const last = inner.pop() ?? part;
    return [
      ...(before === undefined ? [] : partsOf(before, cwd, depth + 1)),
      ...inner,
      args ? `${last} ${args}` : last,
    ];
  });
}

function scriptsOf(folder: string): Readonly<Record<string, string>> {
  try {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return Object.fromEntries(
      Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {}; // No package, or none that can be read: then nothing is known of its scripts.
  }
}
