-- Which boot wrote it and when, until it is known to be on the disk: then NULL. What is not of this boot, a crash may have left
-- half written.
ALTER TABLE layers ADD COLUMN unsynced TEXT;
ALTER TABLE blobs ADD COLUMN unsynced TEXT;
