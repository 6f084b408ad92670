-- Named directories on a host's disk: see volume/.
CREATE TABLE volumes (
    host    TEXT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    options TEXT NOT NULL,    -- JSON: the driver's, by name
    labels  TEXT NOT NULL,    -- JSON, by name
    created INTEGER NOT NULL, -- nanoseconds since the epoch
    PRIMARY KEY (host, name)
) STRICT;
