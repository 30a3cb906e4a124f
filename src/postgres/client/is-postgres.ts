// Whether a Postgres listens somewhere: asked with the first message that libpq itself sends, which leaves no line in the
// server's log.
import { connect } from 'node:net';

/** A length of 8, and the code of SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** False also where nobody answers in time. */
export function answersAsPostgres(host: string, port: number, timeout = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout });
    const end = (answer: boolean) => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('connect', () => socket.write(SSL_REQUEST));
    // One byte: S or N. Others (MySQL) greet with a longer message before they are asked.
    socket.once('data', (data) => end(data.length === 1 && /[SN]/.test(data.toString('latin1'))));
    for (const event of ['timeout', 'error', 'close'] as const) socket.once(event, () => end(false));
  });
}
