// A Next.js application with Prisma 7 and its driver adapter. What the schema engine does, Prisma's own engine for
// WebAssembly does here: the other one is not in the package registry.
import path from 'node:path';
import { root } from '../harness/home.ts';
import { adopts } from './adopt.ts';

adopts('Next.js with Prisma', {
  fixture: 'nextjs-prisma',
  env: (url) => `DATABASE_URL=${url}\n`,
  page: 'nextjs-prisma',
  options: `{
  database: {
    migrate: 'npx prisma migrate deploy',
    seed: 'npx prisma generate && npx prisma db seed',
    inputs: ['prisma/schema.prisma', 'prisma/migrations/**', 'prisma.config.ts', 'prisma/seed.ts'],
  },
  build: 'npm run build',
  server: {
    command: 'npm start -- -p {port}',
    url: '/',
    copy: ['.next'],
    env: { NEXT_DIST_DIR: '{copy:.next}' },
  },
}`,
  mayWrite: ['.next/', 'generated/', 'next-env.d.ts', 'tsconfig.tsbuildinfo'],
  says: [/slots run `npm start -- -p \{port\}`, which serves what was built, instead of `npm run dev`/],
  commands: {
    NEXT_TELEMETRY_DISABLED: '1',
    CHECKPOINT_DISABLE: '1',
    PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, 'e2e/apps/prisma-schema-engine.mjs'),
  },
  beside: { '@prisma/schema-engine-wasm': '7.10.0-7.561d7b42579a2459cc8edf3788918b626c640023' },
});
