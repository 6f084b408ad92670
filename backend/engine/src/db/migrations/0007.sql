-- What whoever runs a host decides about it: JSON of host::HostRules. Before, it was the same for all hosts of an engine, and written down
-- nowhere. Until it is said anew, which a server does as it starts, nothing is allowed.
ALTER TABLE hosts ADD COLUMN rules TEXT NOT NULL DEFAULT
    '{"policy":{"privileged":false},"way_out":false,"disk_mib":10240,"registry":{"own":null,"private":[]}}';
