#!/bin/sh
# Run once, by the image of PostgreSQL, while the primary's data folder is made. The standby is named in the settings
# without being asked for yet: nothing could be written before it is there. The primary's first real start asks for it.
set -eu
echo "host replication kaohe all scram-sha-256" >>"$PGDATA/pg_hba.conf"
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 <<'SQL'
ALTER SYSTEM SET synchronous_commit = 'on';
ALTER SYSTEM SET synchronous_standby_names = 'standby';
ALTER SYSTEM SET log_statement = 'none';
ALTER SYSTEM SET log_min_duration_statement = -1;
ALTER SYSTEM SET track_commit_timestamp = 'off';
SQL
