// `npm run bench -- rewind`: what a test pays for a pristine database, and an application for being captured.
import type { Answer } from './answer.ts';
import { askAboutCapture } from './capture-costs.ts';
import { askAboutRewind } from './rewind-costs.ts';
import { openTestBed } from './test-bed.ts';

export async function benchRewind(tell: (answer: Answer) => void): Promise<void> {
  const testBed = await openTestBed();
  try {
    await askAboutRewind(testBed, tell);
    await askAboutCapture(testBed, tell);
  } finally {
    await testBed.cluster.close();
  }
}
