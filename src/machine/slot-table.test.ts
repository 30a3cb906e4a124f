// Who gets a slot of the machine, and when.
import { expect, test } from '@playwright/test';
import { Party, SlotTable } from './slot-table.ts';

/** A run that is there, with what it was granted. */
function runs(slots: number) {
  const table = new SlotTable();
  return {
    table,
    join(run: string) {
      const granted: number[] = [];
      const party = new Party({ run, root: `/${run}`, slots }, (id) => granted.push(id));
      table.join(party);
      let asked = 0;
      return {
        party,
        granted,
        ask: (count = 1) => {
          party.isLive = true;
          return Array.from({ length: count }, () => table.ask(party, ++asked));
        },
        /** Gives back what it has had longest. */
        giveBack: () => table.giveBack(party, [...party.held][0] ?? 0),
        held: () => party.held.size,
      };
    },
  };
}

test('a run that is alone gets all that it asks for, and the slots of one that ends go to those that wait', () => {
  const machine = runs(2);
  const one = machine.join('one');
  one.ask(64);
  expect(one.held()).toBe(64);
  const two = machine.join('two');
  two.ask(3);
  expect(two.held(), 'one at once').toBe(1);
  machine.table.leave(one.party);
  expect(two.held(), 'it is alone now').toBe(3);
});

test('of several runs each gets one slot at once, and a free one goes to the run that has the fewest', () => {
  const machine = runs(6);
  const [one, two, three] = [machine.join('one'), machine.join('two'), machine.join('three')];
  one.ask(6);
  expect(one.held(), 'nobody else has asked').toBe(6);
  two.ask(4);
  three.ask(2);
  expect([two.held(), three.held()]).toEqual([1, 1]);
  for (let group = 0; group < 20; group++) {
    one.giveBack();
    one.ask();
  }
  expect([one.held(), two.held(), three.held()]).toEqual([2, 2, 2]);
  expect(machine.table.runs().map(({ run, held, waiting }) => [run, held, waiting])).toEqual([
    ['one', 2, 4],
    ['two', 2, 2],
    ['three', 2, 0],
  ]);
});

test('among runs that have as many, the one that asked first is next, also within a run', () => {
  const machine = runs(3);
  const [one, two] = [machine.join('one'), machine.join('two')];
  one.ask(2);
  two.ask(1);
  expect(two.ask()).toEqual([true]);
  expect(one.ask()).toEqual([true]);
  one.giveBack();
  expect(two.granted, 'it has as many as the other, and asked before').toEqual([1, 2]);
  two.giveBack();
  expect(one.granted).toEqual([1, 2, 3]);
});

test('fifty runs on two slots: each has one group at once, and none waits for another', () => {
  const machine = runs(2);
  const all = Array.from({ length: 50 }, (_, index) => machine.join(`run ${index}`));
  for (const run of all) run.ask(4);
  for (let group = 0; group < 10; group++) {
    for (const run of all) {
      run.giveBack();
      run.ask();
    }
  }
  // What the first had before the others came is over.
  expect(all.map(({ held }) => held())).toEqual(all.map(() => 1));
});

test('what is given up while it waits is not granted, and what is taken without asking counts', () => {
  const machine = runs(2);
  const [one, two] = [machine.join('one'), machine.join('two')];
  one.ask();
  two.ask();
  expect(one.ask()).toEqual([true]);
  machine.table.giveBack(one.party, 2);
  machine.table.hold(two.party, 9);
  two.giveBack();
  expect(one.granted).toEqual([1]);
  expect(one.ask(), 'two are in use').toEqual([true]);
  machine.table.leave(two.party);
  expect(one.granted).toEqual([1, 3]);
});

test('a run that is stopped, or that has had no slot for a while, is not waited for', () => {
  const machine = runs(2);
  const [one, two, three] = [machine.join('one'), machine.join('two'), machine.join('three')];
  one.ask(2);
  two.ask(2);
  three.ask(1);
  three.giveBack();
  expect(two.held()).toBe(1);
  one.party.isSilent = true;
  machine.table.pass();
  expect(two.held(), 'the third run may ask again').toBe(1);
  three.party.isLive = false;
  machine.table.pass();
  expect(two.held(), 'it is alone').toBe(2);
});

test('between two groups the slot of a run stays its own: no more are in use than there are', () => {
  const machine = runs(2);
  const [one, two] = [machine.join('one'), machine.join('two')];
  one.ask();
  two.ask(3);
  for (let group = 0; group < 10; group++) {
    one.giveBack();
    expect(two.held()).toBe(1);
    one.ask();
  }
  expect([one.held(), two.held()]).toEqual([1, 1]);
});
