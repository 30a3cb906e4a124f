// The application of all: notes in a table. BOOT: milliseconds that it takes before it listens.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
pool.on('error', () => {}); // its database is dropped at the end
await Promise.all([pool.query('SELECT 1'), delay(Number(process.env.BOOT ?? 0))]);

createServer(async (request, response) => {
  if (request.method === 'POST') await pool.query("INSERT INTO notes (text) VALUES ('written by a test')");
  const { rows } = await pool.query('SELECT count(*)::int AS notes FROM notes');
  response.setHeader('content-type', 'application/json').end(JSON.stringify(rows[0]));
}).listen(Number(process.env.PORT), 'localhost');
