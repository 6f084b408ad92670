-- What is in <data>/blobs: the bytes of layers as a registry or an archive had them, or as they were packed here.
-- A row is written before its file is in its place: a file without a row is nobody's.
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY, -- sha256:…
    size   INTEGER NOT NULL, -- bytes
    used   INTEGER NOT NULL  -- when somebody last wanted it; what nothing refers to stays for a while after
) STRICT;

-- What is in <data>/layers, by the same rule.
CREATE TABLE layers (
    diff_id  TEXT PRIMARY KEY, -- sha256:… of the uncompressed tar
    size     INTEGER NOT NULL, -- bytes of its files
    tar_size INTEGER NOT NULL, -- bytes of the uncompressed tar; 0: not known
    used     INTEGER NOT NULL
) STRICT;

-- Which blobs hold a layer: the same tar, compressed by different people.
CREATE TABLE layer_blobs (
    blob       TEXT PRIMARY KEY REFERENCES blobs (digest) ON DELETE CASCADE,
    diff_id    TEXT NOT NULL REFERENCES layers (diff_id) ON DELETE CASCADE,
    compression TEXT NOT NULL -- none, gzip, zstd
) STRICT;
CREATE INDEX layer_blobs_by_layer ON layer_blobs (diff_id);

-- Layers of before have no blob: they were made of recipes, which are built again when they are wanted.
INSERT INTO layers (diff_id, size, tar_size, used)
    SELECT diff_id, max(size), 0, 0 FROM image_layers JOIN images ON images.id = image GROUP BY diff_id;

-- Which images a host has, with names or without.
CREATE TABLE host_images (
    host   TEXT NOT NULL, -- '' is the machine's catalogue
    image  TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    parent TEXT,          -- the image that it was committed or built from
    tagged INTEGER NOT NULL DEFAULT 0, -- when it last got a name; 0: never
    PRIMARY KEY (host, image)
) STRICT;
CREATE INDEX host_images_by_image ON host_images (image);
INSERT INTO host_images (host, image) SELECT DISTINCT host, image FROM tags;
-- What lost its name to a newer build.
INSERT OR IGNORE INTO host_images (host, image) SELECT '', id FROM images;

-- By which digests a host's images are known in registries: name@sha256:…
CREATE TABLE digests (
    host       TEXT NOT NULL,
    repository TEXT NOT NULL,
    digest     TEXT NOT NULL,
    image      TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    PRIMARY KEY (host, repository, digest)
) STRICT;
CREATE INDEX digests_by_image ON digests (image);
CREATE INDEX image_layers_by_layer ON image_layers (diff_id);

CREATE TRIGGER images_go_with_their_host AFTER DELETE ON hosts
BEGIN
    DELETE FROM host_images WHERE host = old.id;
    DELETE FROM digests WHERE host = old.id;
END;
