// npm run fuzz -- [--minutes N] [--seed S] [--cases N] [--postgres 13|15|18] [--rewinder superuser|owner] [--mutants]
// npm run fuzz -- --regress FOLDER [--files name,name] [--piece N] [--postgres 15|18]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { testedMajors } from '../../src/rewind/testing/majors.ts';
import { hunt } from './hunt.ts';
import { huntMutants } from './hunt-mutants.ts';
import { regress, summary } from './regress/regress.ts';
import { openTestBed, type Rewinder } from './test-bed.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      cases: { type: 'string', default: '1000000000' },
      postgres: { type: 'string' },
      rewinder: { type: 'string', default: 'superuser' },
      regress: { type: 'string' },
      files: { type: 'string' },
      piece: { type: 'string', default: '5' },
      mutants: { type: 'boolean', default: false },
    },
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  const rewinder: Rewinder = values.rewinder === 'owner' ? 'owner' : 'superuser';
  const majors = values.postgres?.split(',') ?? testedMajors();
  let failed = 0;
  for (const major of majors) {
    if (values.regress !== undefined) {
      failed += await judgeFolder(values.regress, major, values.files?.split(','), Number(values.piece));
      continue;
    }
    if (values.mutants) {
      failed += await huntMutants(major, seed);
      continue;
    }
    const testBed = await openTestBed(major, { rewinder });
    try {
      const time = (Number(values.minutes) * 60_000) / majors.length;
      const hunted = await hunt(testBed, { seed, cases: Number(values.cases), time, shrink: 30_000 });
      const { cases, programs, statements, spent, refused, seconds, found } = hunted;
      console.log(
        `Postgres ${major}, from seed ${seed}: ${cases} schemas (${refused} statements refused), ${programs} programs, ${statements} statements, ${spent} not rewound for a reason, ${seconds.toFixed(0)} s`,
      );
      if (!found) continue;
      failed++;
      console.log(`\n${found.story.join('\n')}\n\n${found.what}\n`);
      console.log(
        `to repeat: npm run fuzz -- --postgres ${major} --rewinder ${rewinder} --seed ${found.seed} --cases 1`,
      );
    } finally {
      await testBed.close();
    }
  }
  return failed === 0 ? 0 : 1;
}

async function judgeFolder(folder: string, major: string, files: string[] | undefined, piece: number): Promise<number> {
  let count = 0;
  const sum = await regress({
    folder: path.resolve(folder),
    major,
    files,
    piece,
    onFile: (name, { statements, marks, rewound, wrong, reordered }, milliseconds) => {
      count++;
      console.log(
        `${name}: ${statements} statements, ${marks} marks, ${rewound} rewound, ${(milliseconds / 1000).toFixed(1)} s`,
      );
      for (const what of reordered) console.log(`  another order after a rewind: ${what}`);
      for (const what of wrong) console.log(`  DIFFERENCE: ${what}`);
    },
  });
  console.log(`Postgres ${major}: ${summary(count, sum)}`);
  return sum.wrong.length;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
