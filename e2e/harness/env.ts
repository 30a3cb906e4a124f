// The environment of a consumer: what a shell would give, and nothing of the run that tests it.

const OF_A_SHELL =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LC_[A-Z]+|PLAYWRIGHT_BROWSERS_PATH|NODE_EXTRA_CA_CERTS)$/;
const OF_NPM = /^(npm_config_(registry|cache|userconfig|globalconfig|cafile)|SSL_CERT_FILE|(https?|no)_proxy)$/i;

/** PATH, HOME and their like, and no other run on the machine is waited for; no CI, TEST_*, PW*, PLAYWRIGHT_*, STACKS_*, PG*, DATABASE_URL, npm_* of the outer run. */
export function consumerEnv(): Record<string, string> {
  return { ...pick(OF_A_SHELL), PATH: shellPath(), STACKS_MACHINE_SLOTS: 'off' };
}

/** The same, with what npm needs to reach its registry. */
export function npmEnv(): Record<string, string> {
  return { ...consumerEnv(), ...pick(OF_NPM), CI: '1' };
}

function pick(names: RegExp): Record<string, string> {
  const chosen = Object.entries(process.env).filter(([name, value]) => names.test(name) && value !== undefined);
  return Object.fromEntries(chosen as [string, string][]);
}

// npm puts the bin folders of the package under test in front; a consumer must find its own or none.
function shellPath(): string {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.filter((folder) => !/node_modules\/\.bin$|node-gyp-bin$/.test(folder)).join(':');
}
