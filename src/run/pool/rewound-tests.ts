// Which tests of the run made rows that were rewound: the hint of a test that fails in another worker names them.
import type { TestRef } from '../../events.ts';
import type { RewoundTest } from '../../lease/protocol.ts';

/** Of a file this many are remembered: the last may be an earlier attempt of the test that asks. */
const OF_A_FILE = 2;

export class RewoundTests {
  /** By project, the last one first. */
  readonly #tests = new Map<string, readonly RewoundTest[]>();

  note(project: string, rewound: RewoundTest): void {
    const { id, file } = rewound.test;
    const others = this.#of(project).filter(({ test }) => test.id !== id);
    const ofFile = others.filter(({ test }) => test.file === file).slice(0, OF_A_FILE - 1);
    const remembered = others.filter((each) => each.test.file !== file || ofFile.includes(each));
    this.#tests.set(project, [rewound, ...remembered]);
  }

  /**
   * The last other one of the test's file; without any, of the files before it. None where the test's own group was rewound
   * with it, for its worker ended: who of that group made the rows that it misses, if it does, is not known.
   */
  before(project: string, { id, file }: Pick<TestRef, 'id' | 'file'>): RewoundTest | undefined {
    const [last] = this.#of(project);
    if (last?.scope === 'group' && last.test.id === id) return undefined;
    const others = this.#of(project).filter(({ test }) => test.id !== id);
    return others.find(({ test }) => test.file === file) ?? others[0];
  }

  #of(project: string): readonly RewoundTest[] {
    return this.#tests.get(project) ?? [];
  }
}
