// Messages over a socket: lines of JSON.
import type { Socket } from 'node:net';

/** Characters of a message: rows that fixtures and setup projects wrote are in it. Of more it could not be made. */
const LONGEST_MESSAGE = 2 ** 28;

/** Calls `receive` with each message that arrives on `socket`. One that is too long, or none at all, ends the connection. */
export function onMessage<T>(socket: Socket, receive: (message: T) => void, longest: number = LONGEST_MESSAGE): void {
  let pieces: string[] = [];
  let length = 0;
  const take = (piece: string): void => {
    pieces.push(piece);
    length += piece.length;
    if (length > longest) socket.destroy(new Error(`a message of more than ${longest} characters`));
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let from = 0;
    for (let to = chunk.indexOf('\n'); to >= 0 && !socket.destroyed; to = chunk.indexOf('\n', from)) {
      take(chunk.slice(from, to));
      const line = pieces.join('');
      pieces = [];
      length = 0;
      from = to + 1;
      if (socket.destroyed) return;
      const message = parsed<T>(line);
      if (message === undefined) socket.destroy(new Error('a line that is no message'));
      else receive(message);
    }
    take(chunk.slice(from));
  });
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Nothing where the other end has gone. */
export function sendMessage(socket: Socket, message: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
