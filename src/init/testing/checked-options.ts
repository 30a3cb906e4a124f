// The options that a written config has, as `withStacks()` takes them: it throws where they are not valid.
import { parseOptions } from '../../config/parse.ts';

export function checkedOptions(text: string): unknown {
  const body = text
    .replace(/^import .*$/gm, '')
    .replace(/^const .*require\(.*$/gm, '')
    .replace(/\bsatisfies \w+/, '')
    .replace(/export default|module\.exports =/, 'return');
  const withStacks = (config: { readonly webServer?: unknown }, options: object) => {
    parseOptions(options, config.webServer, []);
    return options;
  };
  return new Function('withStacks', 'defineConfig', 'devices', body)(withStacks, (config: unknown) => config, {});
}
