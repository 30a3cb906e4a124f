// What a superuser has to say so that a role may rewind.

/** @param version the server's `server_version_num` */
export function grantToRewind(role: string, version: number): string {
  if (version < 150_000) return `ALTER ROLE "${role}" SUPERUSER`;
  return `GRANT SET ON PARAMETER session_replication_role TO "${role}"; ALTER ROLE "${role}" BYPASSRLS`;
}
