// SQL text from values, where a parameter cannot stand: identifiers and the literals of utility statements.
import pg from 'pg';

/** `"My ""table"""`. */
export function quoteIdent(name: string): string {
  return pg.escapeIdentifier(name);
}

/** `'it''s'`. */
export function quoteLiteral(value: string): string {
  return pg.escapeLiteral(value);
}
