-- What is in the harbour's own registries. `registry` is the name by which one is reached: a server may have several.
CREATE TABLE repositories (
    id       INTEGER PRIMARY KEY,
    registry TEXT NOT NULL,
    name     TEXT NOT NULL, -- without the registry: library/web
    UNIQUE (registry, name)
) STRICT;

-- Which blobs a repository has, pushed to it or mounted from another one.
CREATE TABLE repository_blobs (
    repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    blob       TEXT NOT NULL REFERENCES blobs (digest),
    used       INTEGER NOT NULL, -- when a client last asked for it; what no manifest refers to stays for a while after
    PRIMARY KEY (repository, blob)
) STRICT;
CREATE INDEX repository_blobs_by_blob ON repository_blobs (blob);

CREATE TABLE manifests (
    repository    INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest        TEXT NOT NULL, -- sha256:… of content
    media_type    TEXT NOT NULL,
    content       BLOB NOT NULL, -- the very bytes that were pushed
    subject       TEXT,          -- digest of the manifest that this one says something about; it need not be there
    artifact_type TEXT,
    annotations   TEXT,          -- JSON, for the list of a subject's referrers
    PRIMARY KEY (repository, digest)
) STRICT;
CREATE INDEX manifests_by_subject ON manifests (repository, subject);

-- What a manifest refers to. A blob or a manifest that is referred to can't go.
CREATE TABLE manifest_blobs (
    repository INTEGER NOT NULL,
    manifest   TEXT NOT NULL,
    blob       TEXT NOT NULL,
    PRIMARY KEY (repository, manifest, blob),
    FOREIGN KEY (repository, manifest) REFERENCES manifests (repository, digest) ON DELETE CASCADE,
    FOREIGN KEY (repository, blob) REFERENCES repository_blobs (repository, blob)
) STRICT;
CREATE INDEX manifest_blobs_by_blob ON manifest_blobs (repository, blob);

CREATE TABLE manifest_parts (
    repository INTEGER NOT NULL,
    manifest   TEXT NOT NULL, -- an index
    part       TEXT NOT NULL, -- a manifest that it lists
    PRIMARY KEY (repository, manifest, part),
    FOREIGN KEY (repository, manifest) REFERENCES manifests (repository, digest) ON DELETE CASCADE,
    FOREIGN KEY (repository, part) REFERENCES manifests (repository, digest)
) STRICT;
CREATE INDEX manifest_parts_by_part ON manifest_parts (repository, part);

CREATE TABLE repository_tags (
    repository INTEGER NOT NULL,
    tag        TEXT NOT NULL,
    manifest   TEXT NOT NULL,
    PRIMARY KEY (repository, tag),
    FOREIGN KEY (repository, manifest) REFERENCES manifests (repository, digest) ON DELETE CASCADE
) STRICT;
CREATE INDEX repository_tags_by_manifest ON repository_tags (repository, manifest);

-- Blobs that are on their way, in <data>/uploads. A row is written before its file is made.
CREATE TABLE uploads (
    id         TEXT PRIMARY KEY,
    registry   TEXT NOT NULL,
    repository TEXT NOT NULL, -- its name: it is made with its first blob
    used       INTEGER NOT NULL
) STRICT;
