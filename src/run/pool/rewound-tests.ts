// Which tests of the run made rows that were rewound: a test that fails in another worker can be told of them.
import type { RewoundTest } from '../../lease/protocol.ts';

type Named = Pick<RewoundTest, 'title' | 'file'>;

/** Of a file this many are remembered: the last may be an earlier attempt of the test that asks. */
const OF_A_FILE = 2;

export class RewoundTests {
  /** By project, the last one first. */
  readonly #tests = new Map<string, readonly RewoundTest[]>();

  note(project: string, test: RewoundTest): void {
    const others = this.#of(project).filter((each) => !isSame(each, test));
    const ofFile = others.filter(({ file }) => file === test.file).slice(0, OF_A_FILE - 1);
    const remembered = others.filter((each) => each.file !== test.file || ofFile.includes(each));
    this.#tests.set(project, [test, ...remembered]);
  }

  /** The last other one of the test's file; without any, of the files before it. */
  before(project: string, test: Named): RewoundTest | undefined {
    const others = this.#of(project).filter((each) => !isSame(each, test));
    return others.find(({ file }) => file === test.file) ?? others[0];
  }

  #of(project: string): readonly RewoundTest[] {
    return this.#tests.get(project) ?? [];
  }
}

function isSame(one: Named, other: Named): boolean {
  return one.title === other.title && one.file === other.file;
}
