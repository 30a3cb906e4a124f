// Playwright's globalSetup of a run with stacks: everything that its tests need at once. Ours is the first entry: a set-up
// of the user's sees an open slot 0; where there is none, the leases wait for the servers.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FullConfig } from '@playwright/test';
import { withDevelopmentPorts } from '../../config/development-origins.ts';
import { refuseFixedOrigins } from '../../config/fixed-origins.ts';
import { asArray, type ParsedOptions } from '../../config/parse.ts';
import { resolveOptions } from '../../config/resolve.ts';
import type { ResolvedStacks } from '../../config/resolved.ts';
import { refuseSharedCheckout } from '../../config/shared-checkout.ts';
import { StacksError, withoutSaidCause } from '../../errors.ts';
import type { Events } from '../../events.ts';
import { ndjson } from '../../events-file.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { endWithCommand } from '../../run/end-with-command.ts';
import { isEmbedded } from '../../run/lease-timeout.ts';
import { Run } from '../../run/run.ts';
import { slotBaseURL } from '../base-url.ts';
import { globalSetupsOf, isTestServer } from '../private.ts';
import { isolationOf, variantOf } from '../variant.ts';
import { commandFolder, holdAsAsked, isHeld, keptToHold } from './hold.ts';
import { runnerState } from './runner-state.ts';
import { slotsAhead } from './slots-ahead.ts';

export default async function globalSetup(config: FullConfig): Promise<void> {
  await setUp(config).catch((error: unknown) => {
    throw withoutSaidCause(error);
  });
}

async function setUp(config: FullConfig): Promise<void> {
  const state = runnerState();
  if (!state.options) throw notWrapped();
  const folder = commandFolder();
  if (folder !== undefined) endWithCommand(folder);
  // A test server sets up again without tearing down when the user asks it to.
  await state.run?.close();
  // Until the process ends: what Playwright reports last comes after the teardown.
  if (process.env.STACKS_EVENTS) state.stopWriting ??= state.events.on(ndjson(process.env.STACKS_EVENTS));

  const resolved = resolveOptions(state.options, config.configFile ?? join(config.rootDir, 'playwright.config.ts'));
  if (resolved.developmentOrigin !== 'warn') refuseOrigins(resolved, state.events);
  refuseSharedCheckout(resolved, config.workers);
  const run = new Run({
    config: resolved,
    workers: Math.max(config.workers, isTestServer() ? availableParallelism() : 1),
    kept: keptToHold(),
    awaits: isTestServer() || isHeld() || hasOtherSetups(config, state.hasGlobalSetup) ? 'servers' : 'databases',
    ahead: await slotsAhead(config, isEmbedded(resolved)),
    idleTimeout: isTestServer() ? resolved.idleTimeout : undefined,
    logs: join(config.projects[0]?.outputDir ?? config.rootDir, 'stacks'),
    events: state.events,
    state: state.store,
  });
  state.run = run;
  await run.ready;
  if (isHeld()) {
    await holdAsAsked(run).catch(async (error: unknown) => {
      await run.close(); // There is no globalTeardown where this fails.
      throw error;
    });
  }
  showSlotZero(config, run.stacks, state.options);
}

/** The user's own, which may need an open slot 0. */
function hasOtherSetups(config: FullConfig, written: boolean): boolean {
  return (globalSetupsOf(config) ?? (written ? 2 : 1)) > 1;
}

/** Also told as an event, for `doctor`. */
function refuseOrigins({ fixedOrigins }: ResolvedStacks, events: Events): void {
  const origins = fixedOrigins.filter(({ isSure }) => isSure);
  if (origins.length > 0) events.emit({ type: 'origins-fixed', origins, failed: true });
  refuseFixedOrigins(origins);
}

/** The user's own globalSetup reads `config.projects[0].use.baseURL`, as Playwright's guide has it. */
function showSlotZero(config: FullConfig, stacks: readonly StackInfo[], { options, ...parsed }: ParsedOptions): void {
  for (const { use } of config.projects) {
    if (isolationOf({ ...use }, options) === 'off') continue;
    const variant = variantOf({ ...use }, Object.keys(options.variants ?? {}));
    const stack = stacks.find((each) => each.slot === 0 && each.variant === variant);
    const own = asArray(options.variants?.[variant]?.server) ?? parsed.servers;
    const servers = withDevelopmentPorts(own, parsed.webServers, parsed.baseURLs);
    if (stack) Reflect.set(use, 'baseURL', slotBaseURL(use.baseURL, stack, servers));
  }
}

function notWrapped(): StacksError {
  return new StacksError('OPTIONS_INVALID', 'playwright-stacks/global-setup runs without withStacks().', {
    hint: 'do not name it in `globalSetup` yourself: `export default withStacks(defineConfig({ … }), { … })` does.',
  });
}
