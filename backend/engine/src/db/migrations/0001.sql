CREATE TABLE hosts (
    id          TEXT PRIMARY KEY,
    hostname    TEXT NOT NULL,
    workstation TEXT,                    -- reference of its image; NULL: a host without one
    id_base     INTEGER NOT NULL UNIQUE, -- first of its 65,536 ids on the machine
    memory      INTEGER NOT NULL,        -- bytes
    pids        INTEGER NOT NULL,
    millicpus   INTEGER NOT NULL,        -- thousandths of a processor
    created     INTEGER NOT NULL         -- nanoseconds since the epoch, as every time here
) STRICT;

CREATE TABLE containers (
    host   TEXT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    id     TEXT NOT NULL,
    name   TEXT NOT NULL,
    record TEXT NOT NULL, -- JSON of container::Container
    PRIMARY KEY (host, id),
    UNIQUE (host, name)
) STRICT;

CREATE TABLE images (
    id      TEXT PRIMARY KEY, -- sha256:… of config
    config  BLOB NOT NULL,    -- the very bytes that the id is the digest of
    size    INTEGER NOT NULL, -- bytes, unpacked
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE image_layers (
    image    TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, -- 0 is the lowest
    diff_id  TEXT NOT NULL,    -- sha256:… of the layer's uncompressed tar
    PRIMARY KEY (image, position)
) STRICT;

CREATE TABLE tags (
    host      TEXT NOT NULL, -- '' is the machine's catalogue, which new hosts copy
    reference TEXT NOT NULL, -- name:tag, as Docker shows it
    image     TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    PRIMARY KEY (host, reference)
) STRICT;

CREATE INDEX tags_by_image ON tags (image);

-- The catalogue's '' is no host, so that a foreign key can't say this.
CREATE TRIGGER tags_go_with_their_host AFTER DELETE ON hosts
BEGIN
    DELETE FROM tags WHERE host = old.id;
END;
