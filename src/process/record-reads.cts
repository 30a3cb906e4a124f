// Preloaded (`--require`) into the Node programs that `doctor --app` has started for a step or a server: notes in a file
// which variables of their environment they read by name. All that they see of it is that `process.env` is a proxy.
(() => {
  const { appendFileSync, realpathSync }: typeof import('node:fs') = require('node:fs');
  const { isMainThread }: typeof import('node:worker_threads') = require('node:worker_threads');
  const file = process.env.PLAYWRIGHT_STACKS_READS;
  if (file === undefined) return;

  /** They look at what there is, or hand it on, and use none of it. */
  const PASSES_ON =
    /^node:|[\\/]node_modules[\\/](?:npm|pnpm|yarn|corepack|npx|cross-spawn|execa|foreground-child|concurrently|npm-run-all2?|dotenv[\w-]*|@dotenvx[\\/]\w+|@next[\\/]env|env-cmd|cross-env)[\\/]|[\\/]\.yarn[\\/]/;
  /** Stacks looked at for one name: of a variable that a package reads all the time, no more is learnt. */
  const MOST_LOOKS = 100;
  const MOST_NAMES = 2_000;

  const note = (line: object) => {
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    } catch {
      // The doctor has ended, or the program may not write: it goes on as without us.
    }
  };

  /** The file of the code that has just touched `process.env`. */
  const reader = (): string => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    try {
      Error.stackTraceLimit = 12;
      Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName() ?? site.getEvalOrigin() ?? '');
      const files = new Error().stack as unknown as string[];
      return files.find((name) => name !== '' && name !== __filename) ?? '';
    } catch {
      return ''; // It has frozen `Error`.
    } finally {
      try {
        Object.assign(Error, { stackTraceLimit, prepareStackTrace });
      } catch {
        // As above.
      }
    }
  };

  const looks = new Map<string, number>();
  const byPackage = new Set<string>();
  const byOwn = new Set<string>();
  /** What was listed last, by whom: the first look at each by the same file is a part of that. */
  let listed = { by: '', left: new Set<string>(), count: 0 };
  let hasCopied = false;
  let isBusy = false;

  const noteRead = (name: string) => {
    const count = looks.get(name) ?? 0;
    if (isBusy || byOwn.has(name) || count >= MOST_LOOKS || looks.size > MOST_NAMES) return;
    looks.set(name, count + 1);
    isBusy = true;
    const by = reader();
    if (by === listed.by && listed.left.delete(name)) noteCopy();
    else noteReadBy(by, name);
    isBusy = false;
  };

  const noteReadBy = (by: string, name: string) => {
    const isOwn = !/[\\/]node_modules[\\/]/.test(by);
    if (!PASSES_ON.test(by) && (isOwn || !byPackage.has(name))) {
      (isOwn ? byOwn : byPackage).add(name);
      note({ read: name, own: isOwn });
    }
  };

  /** Who lists all names and reads most of them makes a copy; who reads some, as by a prefix, does not. */
  const noteCopy = () => {
    if (hasCopied || listed.left.size > listed.count / 2) return;
    hasCopied = true;
    note({ copied: true });
  };

  const noteList = (names: readonly (string | symbol)[]) => {
    if (isBusy) return;
    isBusy = true;
    const by = reader();
    const all = names.filter((name) => typeof name === 'string');
    if (!PASSES_ON.test(by)) listed = { by, left: new Set(all), count: all.length };
    isBusy = false;
  };

  process.env = new Proxy(process.env, {
    get(env, name) {
      if (typeof name === 'string') noteRead(name);
      return Reflect.get(env, name);
    },
    has(env, name) {
      if (typeof name === 'string') noteRead(name);
      return Reflect.has(env, name);
    },
    set: (env, name, value) => Reflect.set(env, name, value),
    ownKeys(env) {
      const names = Reflect.ownKeys(env);
      noteList(names);
      return names;
    },
  });
  if (isMainThread && !PASSES_ON.test(programFile())) note({ program: programFile() });

  /** Of `/usr/bin/npm`, too. */
  function programFile(): string {
    const [, program = ''] = process.argv;
    try {
      return realpathSync(program);
    } catch {
      return program; // `node -e`, or a name without its ending.
    }
  }
})();
