// What a context is made with, seen before it is made: by the public methods that make one, of every browser that this
// worker launches or connects to, and of `request`.

type Options = Readonly<Record<string, unknown>>;
type Change = (options: Options) => Options;
type Method = (...args: unknown[]) => unknown;

const CONNECTING = ['launch', 'connect', 'connectOverCDP'];

/** Has `change` called with what each context is asked for. Playwright's defaults (`use`) are not among it. */
export function changeContextOptions(playwright: object, change: Change): void {
  for (const type of ['chromium', 'firefox', 'webkit'].map((name) => Reflect.get(playwright, name))) {
    for (const name of CONNECTING)
      wrap(
        type,
        name,
        (connect) =>
          async (...args) =>
            watched(await connect(...args)),
      );
    wrap(type, 'launchPersistentContext', (launch) => (folder, options) => launch(folder, changed(options)));
  }
  wrap(Reflect.get(playwright, 'request'), 'newContext', ofContext);

  function watched(browser: unknown): unknown {
    // `browser.newPage()` makes its context by this method, too.
    wrap(browser, 'newContext', ofContext);
    return browser;
  }

  function ofContext(make: Method): Method {
    return (options) => make(changed(options));
  }

  function changed(options: unknown): Options {
    return change(typeof options === 'object' && options !== null ? { ...options } : {});
  }
}

function wrap(owner: unknown, name: string, around: (method: Method) => Method): void {
  if (typeof owner !== 'object' || owner === null) return;
  const method = Reflect.get(owner, name);
  if (typeof method === 'function') Reflect.set(owner, name, around(method.bind(owner)));
}
