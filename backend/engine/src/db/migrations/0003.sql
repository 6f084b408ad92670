-- Which names of the machine's catalogue a host was given: one that its owner removed is not given again.
CREATE TABLE adopted (
    host      TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (host, reference)
) STRICT;
INSERT INTO adopted (host, reference) SELECT host, reference FROM tags WHERE host <> '';

CREATE TRIGGER adopted_goes_with_its_host AFTER DELETE ON hosts
BEGIN
    DELETE FROM adopted WHERE host = old.id;
END;
