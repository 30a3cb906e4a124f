// A block's numbers as statements, over a model.

import type { Model } from './model.ts';
import { type Act, type Block, MAKES } from './program.ts';
import { Random } from './random.ts';
import type { Statement } from './statement.ts';

export interface Performer {
  readonly model: Model;
  readonly risky: boolean;
}

/** What ends a transaction that an earlier block left open. */
export function endOfBlock(inside: boolean, block: Block): Statement[] {
  return inside ? [{ text: block.acts.length % 4 === 3 ? 'ROLLBACK' : 'COMMIT' }] : [];
}

export function statementsOf(block: Block, performer: Performer): Statement[] {
  const acts = block.acts.map((act) => render(act, performer)).filter(({ reason }) => performer.risky || !reason);
  const begin = { text: `BEGIN${block.level}` };
  switch (block.wrap) {
    case 'none':
      return acts;
    case 'commit':
      return [begin, ...acts, { text: 'COMMIT' }];
    case 'rollback':
      return [begin, ...acts, { text: 'ROLLBACK' }];
    case 'open':
      return [begin, ...acts];
    case 'savepoint': {
      const half = Math.ceil(acts.length / 2);
      const rest = acts.slice(half);
      return [
        begin,
        ...acts.slice(0, half),
        { text: 'SAVEPOINT a' },
        ...rest,
        { text: 'ROLLBACK TO a' },
        ...rest.slice(1),
        { text: 'COMMIT' },
      ];
    }
    case 'two-phase':
      // The name of a prepared transaction is the whole server's. Blocks of an odd length leave it behind.
      return [
        begin,
        ...acts,
        { text: `PREPARE TRANSACTION '{db} it''s'` },
        ...(acts.length % 2 === 0 ? [{ text: `COMMIT PREPARED '{db} it''s'` }] : []),
      ];
  }
}

function render(act: Act, { model }: Performer): Statement {
  const table = model.tables[act.table % model.tables.length];
  const make = MAKES[act.make];
  if (!table || !make) throw new Error(`no statement of the kind ${act.make}`);
  return make({ model, table, random: new Random(act.random) });
}
