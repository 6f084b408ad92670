-- What the archive of a layer has beside its files' contents, with which the archive can be put together again: see
-- image/skeleton.rs. NULL: there are blobs of it.
ALTER TABLE layers ADD COLUMN skeleton BLOB;
