#!/usr/bin/env node
// Stands for the schema engine that Prisma's command line downloads, where no package registry has it: Prisma's own engine
// for WebAssembly, on its driver adapter for `pg`, by the same JSON-RPC on standard input and output.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const fromProject = createRequire(path.join(process.cwd(), 'package.json'));
const load = (name) => import(pathToFileURL(fromProject.resolve(name)).href);
const [{ PrismaPg }, { bindMigrationAwareSqlAdapterFactory }, bindings] = await Promise.all([
  load('@prisma/adapter-pg'),
  load('@prisma/driver-adapter-utils'),
  load('@prisma/schema-engine-wasm/schema_engine_bg'),
]);
const bytes = await readFile(fromProject.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/js$/, 'wasm'));
const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const after = (name) => process.argv[process.argv.indexOf(name) + 1];
const { url } = JSON.parse(after('--datasource'));
const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);

if (process.argv.includes('can-connect-to-database')) {
  await engine.version(null);
  process.exit(0);
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const answer = await engine[method](params).then(
    (result) => ({ result: result ?? null }),
    (error) => ({ error: { code: 4466, message: String(error?.message ?? error), data: { is_panic: false } } }),
  );
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
}
