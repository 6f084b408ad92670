-- Plain SQL, as any database takes it.
CREATE TABLE sessions (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's secret, in hex
    workshop   VARCHAR(64) NOT NULL,
    name       VARCHAR(40) NOT NULL,
    host       VARCHAR(32) NOT NULL UNIQUE,      -- id of its virtual host
    host_name  VARCHAR(32) NOT NULL,             -- what it is called
    created    BIGINT NOT NULL,                  -- nanoseconds since the epoch, as every time here
    seen       BIGINT NOT NULL,
    UNIQUE (workshop, host_name)
);
