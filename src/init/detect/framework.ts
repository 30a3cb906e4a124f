// The framework that serves the application: its development server, and what serves what it built.
import { at, atKey, configNames, firstOf, type Project, sourceOf } from '../project.ts';
import { python } from './django.ts';

export interface Framework {
  readonly name: string;
  readonly at: string;
  /** A command that is its development server. */
  readonly develops: RegExp;
  /** Where it listens in development; undefined: its own code says. */
  readonly port: number | undefined;
  /** What its development server takes its port from, where it does not read PORT. */
  readonly portFlag: string | undefined;
  /** What serves what it built; undefined: nothing but its development server, or a script of the project's. */
  readonly serves:
    | { readonly command: string; readonly from: 'packages' | 'system'; readonly script: RegExp }
    | undefined;
  /** Its server's command as each of several slots runs it, where that takes more than a port. */
  readonly inSlots?: (command: string) => string;
  /** `fixed`: what it builds listens on a port that is decided when it is built, so that slots run what develops. */
  readonly builtPort?: 'fixed';
  /** What is to be known of it. */
  readonly note?: string | undefined;
  /** What each slot is to have for itself, and the variable that says where it is. */
  readonly copy?: { readonly folder: string; readonly variable: string } | undefined;
}

interface Kind extends Omit<Framework, 'at' | 'serves'> {
  readonly dependency: string;
  readonly serves: (project: Project) => Framework['serves'];
}

const packages = (command: string, script: RegExp) => ({ command, from: 'packages' as const, script });
const node = (command: string, script: RegExp) => ({ command, from: 'system' as const, script });
const VITE = /\bvite(?:\s+(?:dev|serve)\b|\s*$|\s+-)/;
const VITE_PORT = '--port {port} --strictPort';
const vitePreview = packages(`vite preview ${VITE_PORT}`, /\bvite\s+preview\b/);

/** Those that are built on others come first. */
const KINDS: readonly Kind[] = [
  {
    ...{ name: 'Next.js', dependency: 'next', develops: /\bnext\s+dev\b/, port: 3000, portFlag: undefined },
    serves: () => packages('next start -p {port}', /\bnext\s+start\b/),
    note: "all slots write what they cache into one .next. Each has its own with distDir: process.env.NEXT_DIST_DIR ?? '.next' in next.config, and copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' } in server",
  },
  {
    ...{ name: 'Nuxt', dependency: 'nuxt', develops: /\bnux[ti]\s+dev\b/, port: 3000, portFlag: undefined },
    serves: () => node('node .output/server/index.mjs', /\.output\/server\/index\.mjs/),
  },
  {
    ...{
      name: 'SvelteKit',
      dependency: '@sveltejs/kit',
      develops: /\bvite\s+dev\b|\bvite\s*$/,
      port: 5173,
      portFlag: VITE_PORT,
    },
    // `node build` takes its own origin for https, and refuses forms where nothing says otherwise.
    serves: () => vitePreview,
  },
  {
    ...{ name: 'React Router', dependency: '@react-router/dev', develops: /\breact-router\s+dev\b/, port: 5173 },
    portFlag: VITE_PORT,
    serves: ({ dependencies }) =>
      dependencies.has('@react-router/serve')
        ? packages('react-router-serve ./build/server/index.js', /\breact-router-serve\b/)
        : undefined,
  },
  {
    ...{ name: 'Remix', dependency: '@remix-run/dev', develops: /\bremix\s+(?:vite:)?dev\b/, port: 5173 },
    portFlag: VITE_PORT,
    serves: ({ dependencies }) =>
      dependencies.has('@remix-run/serve')
        ? packages('remix-serve ./build/server/index.js', /\bremix-serve\b/)
        : undefined,
  },
  {
    ...{ name: 'Astro', dependency: 'astro', develops: /\bastro\s+dev\b/, port: 4321, portFlag: '--port {port}' },
    serves: ({ dependencies }) =>
      dependencies.has('@astrojs/node')
        ? node('node ./dist/server/entry.mjs', /\bdist\/server\/entry\.mjs/)
        : packages('astro preview --port {port}', /\bastro\s+preview\b/),
  },
  {
    ...{ name: 'NestJS', dependency: '@nestjs/core', develops: /\bnest\s+start\b/, port: 3000, portFlag: undefined },
    serves: () => node('node dist/main', /\bnode\s+(?:\.\/)?dist\/(?:src\/)?main\b/),
  },
  {
    ...{ name: 'Hono', dependency: '@hono/vite-dev-server', develops: VITE, port: 5173, portFlag: VITE_PORT },
    ...{ serves: () => undefined, builtPort: 'fixed' },
    note: 'what @hono/vite-build makes listens on the port that it was built with: slots run the development server',
  },
  ...(['express', 'fastify', '@hono/node-server', 'koa'] as const).map((dependency): Kind => {
    const name = { express: 'Express', fastify: 'Fastify', '@hono/node-server': 'Hono', koa: 'Koa' }[dependency];
    return { name, dependency, develops: NONE(), port: undefined, portFlag: undefined, serves: () => undefined };
  }),
  {
    ...{ name: 'Vite', dependency: 'vite', develops: VITE, port: 5173 },
    portFlag: VITE_PORT,
    serves: () => vitePreview,
  },
];

/** What the pages are of, and what they are served by: undefined where neither is known. */
export function framework(project: Project): Framework | undefined {
  const manage = sourceOf(project, 'manage.py');
  if (manage !== undefined && /DJANGO_SETTINGS_MODULE/.test(manage)) {
    const serves = node(`${python(project)} manage.py runserver --noreload {port}`, /\bmanage\.py\s+runserver\b/);
    const where = at('manage.py', manage, 0);
    return { name: 'Django', at: where, develops: NONE(), port: 8000, portFlag: undefined, serves, inSlots: runserver };
  }
  const gemfile = sourceOf(project, 'Gemfile') ?? '';
  const gem = gemfile.search(/^\s*gem\s+['"]rails['"]/m);
  if (gem >= 0) {
    const serves = node(railsServer('bin/rails server'), /\brails\s+s(?:erver)?\b/);
    const where = at('Gemfile', gemfile, gem);
    return {
      name: 'Rails',
      at: where,
      develops: NONE(),
      port: 3000,
      portFlag: undefined,
      serves,
      inSlots: railsServer,
    };
  }
  const kind = KINDS.find(({ dependency }) => project.dependencies.has(dependency));
  if (!kind) return undefined;
  const { dependency, serves, ...rest } = kind;
  const config = firstOf(
    project,
    configNames(
      `${{ '@sveltejs/kit': 'svelte', '@react-router/dev': 'react-router' }[dependency] ?? dependency}.config`,
    ),
  );
  const from = config === undefined ? atKey(project, dependency) : `${config}:1`;
  const variable = DIST_DIR.exec((config && sourceOf(project, config)) ?? '')?.[1];
  const own = variable === undefined ? {} : { note: undefined, copy: { folder: '.next', variable } };
  return { ...rest, ...(dependency === 'next' && own), at: from, serves: serves(project) };
}

/** Its port stands without a flag; the reloader is a second process, which watches files that no test changes. */
function runserver(command: string): string {
  return command.replace(/\b(manage\.py\s+runserver)\b([^&|;]*)/, (_, own: string, rest: string) => {
    const words = rest.split(/\s+/).filter((word) => word !== '' && word !== '--noreload');
    const flags = words.filter((word, index) => !ADDRESS.test(word) || LEVEL.test(words[index - 1] ?? ''));
    return [own, '--noreload', ...flags, '{port}'].join(' ');
  });
}

/** `8000`, `0.0.0.0:8000`, `[::]:8000`. */
const ADDRESS = /^(?:[\w.[\]:]*:)?(?:\d+|\{port\})$/;

/** A number follows that is no port. */
const LEVEL = /^(?:-v|--verbosity)$/;

/** Two servers in one folder need two files for their pids: Rails' own, and that of config/puma.rb. */
function railsServer(command: string): string {
  return command.replace(
    /(^|&&\s*)([^&|;]*\brails\s+s(?:erver)?)\b([^&|;]*)/,
    (_, before: string, own: string, rest: string) => {
      const flags = rest.replace(/\s(?:-p|--port|-P|--pid)[=\s]?\S+/g, '').trimEnd();
      return `${before}PIDFILE=tmp/pids/server-{port}.pid ${own}${flags} -p {port}`;
    },
  );
}

/** Of next.config: where it builds is said by a variable. */
const DIST_DIR = /\bdistDir\s*:\s*process\.env\.(\w+)\s*(?:\?\?|\|\|)\s*['"](?:\.\/)?\.next['"]/;

/** Matches nothing. */
function NONE(): RegExp {
  return /(?!)/;
}
