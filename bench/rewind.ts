// `npm run bench -- rewind`: what a test pays for a pristine database, and an application for being captured.
import type { Answer } from './answer.ts';
import { askAboutCapture } from './capture-costs.ts';
import { openGround } from './ground.ts';
import { askAboutRewind } from './rewind-costs.ts';

export async function benchRewind(tell: (answer: Answer) => void): Promise<void> {
  const ground = await openGround();
  try {
    await askAboutRewind(ground, tell);
    await askAboutCapture(ground, tell);
  } finally {
    await ground.cluster.close();
  }
}
