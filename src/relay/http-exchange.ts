// Whether a request is under way on a connection, by what goes through it: HTTP/1.1's heads are read, and bodies are counted.
// What is something else counts as answered as soon as anything comes back.

/** Bytes of a head; Node's servers send and take less. */
const MOST_HEAD = 64 * 1024;
const NOTHING = Buffer.alloc(0);
const BEGINS = 'HTTP/1.';
const END_OF_HEAD = '\r\n\r\n';
const STATUS = /^HTTP\/1\.[01] (\d{3})/;
const WITHOUT_BODY = ['204', '304'];

type Reading =
  | { readonly what: 'head' }
  /** So many bytes of the body, or of a chunk of it, are still to come. */
  | { readonly what: 'body' | 'chunk'; left: number }
  | { readonly what: 'chunk size' | 'trailers' | 'until its end' | 'something else' };

export class HttpExchange {
  #isAsking = false;
  /** A HEAD request is answered without a body. */
  #isHead = false;
  #isUpgraded = false;
  #isEvents = false;
  #reading: Reading = { what: 'head' };
  /** Of a head, or of a line between two chunks. */
  #kept: Buffer = NOTHING;

  /** What has no end is not waited for: websockets, events. */
  get isUnderWay(): boolean {
    return this.#isAsking && !this.#isUpgraded && !this.#isEvents;
  }

  /** The client has sent this. */
  asks(bytes: Buffer): void {
    if (!this.#isAsking) this.#isHead = bytes.subarray(0, 5).toString('latin1') === 'HEAD ';
    this.#isAsking = true;
  }

  /** The server has sent this. */
  answers(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.#read(rest);
  }

  /** Returns what is left. */
  #read(bytes: Buffer): Buffer {
    const reading = this.#reading;
    switch (reading.what) {
      case 'head':
        return this.#readUpTo(END_OF_HEAD, bytes, (head) => this.#readHead(head));
      case 'body':
      case 'chunk': {
        const taken = Math.min(reading.left, bytes.length);
        reading.left -= taken;
        if (reading.left === 0) this.#readOn(reading.what === 'body' ? 'done' : { what: 'chunk size' });
        return bytes.subarray(taken);
      }
      case 'chunk size':
        return this.#readUpTo('\r\n', bytes, (line) => {
          const size = Number.parseInt(line, 16);
          if (Number.isNaN(size)) this.#readOn({ what: 'something else' });
          // The end of its line is part of it.
          else this.#readOn(size === 0 ? { what: 'trailers' } : { what: 'chunk', left: size + 2 });
        });
      case 'trailers':
        return this.#readUpTo('\r\n', bytes, (line) => line === '' && this.#readOn('done'));
      case 'until its end':
        return NOTHING;
      case 'something else':
        this.#isAsking = false;
        return NOTHING;
    }
  }

  #readUpTo(end: string, bytes: Buffer, use: (text: string) => void): Buffer {
    const all = this.#kept.length > 0 ? Buffer.concat([this.#kept, bytes]) : bytes;
    const at = all.indexOf(end);
    this.#kept = NOTHING;
    if (at >= 0) {
      use(all.toString('latin1', 0, at));
      return all.subarray(at + end.length);
    }
    if (all.length > MOST_HEAD || !this.#mayBe(all)) this.#readOn({ what: 'something else' });
    else this.#kept = all;
    return this.#kept === all ? NOTHING : all;
  }

  /** Of a head, that it is one of HTTP/1 is seen at its beginning. */
  #mayBe(bytes: Buffer): boolean {
    const begins = bytes.toString('latin1', 0, BEGINS.length);
    return this.#reading.what !== 'head' || BEGINS.startsWith(begins);
  }

  #readHead(head: string): void {
    const [, status = ''] = STATUS.exec(head) ?? [];
    const isInformation = status.startsWith('1') && status !== '101'; // the answer itself follows
    if (!isInformation) this.#readOn(this.#bodyOf(status, head));
  }

  #bodyOf(status: string, head: string): Reading | 'done' {
    if (status === '') return { what: 'something else' };
    this.#isUpgraded = status === '101';
    this.#isEvents = /\r\ncontent-type:[ \t]*text\/event-stream/i.test(head);
    const [, length] = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head) ?? [];
    if (this.#isHead || WITHOUT_BODY.includes(status) || Number(length) === 0) return 'done';
    if (/\r\ntransfer-encoding:[^\r]*\bchunked/i.test(head)) return { what: 'chunk size' };
    return length === undefined ? { what: 'until its end' } : { what: 'body', left: Number(length) };
  }

  #readOn(to: Reading | 'done'): void {
    this.#reading = to === 'done' ? { what: 'head' } : to;
    if (to === 'done' || to.what === 'something else') this.#isAsking = false;
    if (to === 'done') this.#isEvents = false;
  }
}
