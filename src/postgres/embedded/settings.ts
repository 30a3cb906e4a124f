// The settings of a server whose data nobody will miss: nothing is flushed, nothing runs by itself.
import { COUNTING_EXTENSION } from '../statements/counting.ts';
import { LOG_PREFIX } from '../statements/log-format.ts';
import type { ExtensionFolders } from './extension-path.ts';

export interface SettingsOptions {
  readonly major: number;
  readonly port: number;
  readonly slots: number;
  /** The folder of the Unix socket. */
  readonly socket: string;
  /** Who may log in, and how. */
  readonly hba: string;
  /** Shows as `cluster_name`: how we know that the server that answers is ours. */
  readonly title: string;
  /** Whether statements are counted, by a library that comes with Postgres; some binaries have none. */
  readonly counts: boolean;
  readonly extensions?: ExtensionFolders | undefined;
}

/** A library that a function names as `$libdir/vector` is looked for in all of these folders, since Postgres 18. */
function pathsOf({ shares, libraries }: ExtensionFolders): Record<string, string> {
  return {
    extension_control_path: [...shares, '$system'].join(':'),
    dynamic_library_path: [...libraries, '$libdir'].join(':'),
  };
}

/** Given to `postgres` as `-c name=value`. */
export function embeddedSettings({
  major,
  port,
  slots,
  socket,
  hba,
  title,
  counts,
  extensions,
}: SettingsOptions): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: `"${socket.replaceAll('"', '""')}"`,
    hba_file: hba,
    cluster_name: title,
    max_connections: String(Math.min(1000, 100 + 20 * slots)),
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    restart_after_crash: 'off', // unlogged tables, ours among them, would be empty, and nobody would know
    shared_buffers: '128MB',
    dynamic_shared_memory_type: 'mmap', // in the data folder, so that it goes with it; a killed server leaves 'posix' ones
    min_wal_size: '5MB',
    max_wal_size: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: LOG_PREFIX,
    logging_collector: 'off',
    ...(counts ? { shared_preload_libraries: COUNTING_EXTENSION, 'pg_stat_statements.save': 'off' } : {}),
    ...(major >= 18 ? { file_copy_method: 'clone' } : {}),
    ...(extensions ? pathsOf(extensions) : {}),
  };
}
