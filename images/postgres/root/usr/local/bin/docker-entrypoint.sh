#!/bin/bash
# Makes a database if there is none yet, and becomes the server, or whatever else this was called with.
#
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS: what the new database is like; each also as the name of a
#   file that says it, in …_FILE
# POSTGRES_HOST_AUTH_METHOD: how clients from elsewhere show who they are (scram-sha-256)
# POSTGRES_INITDB_WALDIR: another directory for the write-ahead log
# PGDATA: where the database is
# /docker-entrypoint-initdb.d: *.sh, *.sql, *.sql.gz, *.sql.xz and *.sql.zst that are run once, in the order of their names
set -Eeuo pipefail

# file_env NAME [DEFAULT]: the variable, or what is in the file that NAME_FILE says.
file_env() {
    local name=$1 file=$1_FILE
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
        echo "error: $name and $file are both set, and only one can be meant" >&2
        exit 1
    fi
    if [ -n "${!file:-}" ]; then
        export "$name=$(<"${!file}")"
    elif [ -z "${!name:-}" ]; then
        export "$name=${2:-}"
    fi
    unset "$file"
}

make_directories() {
    mkdir -p "$PGDATA" /run/postgresql
    # A volume may be mounted that doesn't know any rights; if they are really wrong, the server says so.
    chmod 00700 "$PGDATA" || :
    chmod 03777 /run/postgresql || :
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 700 "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" /run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
            ! -user postgres -exec chown postgres {} +
    fi
}

check_password() {
    if [ -n "$POSTGRES_PASSWORD" ]; then
        return
    fi
    if [ "${POSTGRES_HOST_AUTH_METHOD:-}" = trust ]; then
        echo 'WARNING: POSTGRES_HOST_AUTH_METHOD is "trust": whoever reaches port 5432 is let in without a password,' >&2
        echo '         even as the superuser. Better: a password, with "-e POSTGRES_PASSWORD=…".' >&2
        return
    fi
    cat >&2 <<'END'
Error: Database is uninitialized and superuser password is not specified.
       A new database needs a password for its superuser. Say one when the
       container is made:

           docker run -e POSTGRES_PASSWORD=geheim postgres

       Without any password, whoever reaches the port may do everything. If
       that is meant, say so: -e POSTGRES_HOST_AUTH_METHOD=trust
END
    exit 1
}

init_database() {
    local options=()
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        options+=(--waldir "$POSTGRES_INITDB_WALDIR")
    fi
    # Arguments as in a shell, quotes and all.
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") "${options[@]}" '"$POSTGRES_INITDB_ARGS"' "$@"'
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
}

docker_process_sql() {
    local database=()
    if [ -n "$POSTGRES_DB" ]; then
        database=(--dbname "$POSTGRES_DB")
    fi
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc "${database[@]}" "$@"
}

create_database() {
    local found
    found=$(POSTGRES_DB=postgres docker_process_sql --tuples-only --set db="$POSTGRES_DB" \
        <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
    if [ -z "$found" ]; then
        POSTGRES_DB=postgres docker_process_sql --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
    fi
}

run_init_files() {
    local file
    for file; do
        case $file in
        *.sh)
            if [ -x "$file" ]; then
                echo "$0: running $file"
                "$file"
            else
                echo "$0: sourcing $file"
                . "$file"
            fi
            ;;
        *.sql) echo "$0: running $file" && docker_process_sql --file "$file" ;;
        *.sql.gz) echo "$0: running $file" && gunzip --stdout "$file" | docker_process_sql ;;
        *.sql.xz) echo "$0: running $file" && xzcat "$file" | docker_process_sql ;;
        *.sql.zst) echo "$0: running $file" && zstd --decompress --stdout "$file" | docker_process_sql ;;
        *) echo "$0: ignoring $file" ;;
        esac
    done
}

# Asking for help needs no database.
wants_help() {
    local argument
    for argument; do
        case $argument in
        -'?' | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

case ${1:-} in
-*) set -- postgres "$@" ;;
esac

if [ "${1:-}" = postgres ] && ! wants_help "$@"; then
    make_directories
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
    fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        file_env POSTGRES_PASSWORD
        file_env POSTGRES_USER postgres
        file_env POSTGRES_DB "$POSTGRES_USER"
        file_env POSTGRES_INITDB_ARGS
        check_password
        # An unreadable directory is an error before anything is made.
        ls /docker-entrypoint-initdb.d/ >/dev/null
        init_database
        # For itself alone: nobody from elsewhere is to find a half made database.
        export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
        pg_ctl --pgdata="$PGDATA" --wait --options="-c listen_addresses='' -p ${PGPORT:-5432}" start
        create_database
        shopt -s nullglob
        run_init_files /docker-entrypoint-initdb.d/*
        shopt -u nullglob
        pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
        unset PGPASSWORD
        printf '\nPostgreSQL init process complete; ready for start up.\n\n'
    fi
fi

exec "$@"
