-- Tells what is set for a client or a bucket at run time.
--
-- KEYS     1  the hash of its shard: id to 'version text'
-- ARGV     1  the id
-- returns  1  'version text', or '' if nothing is set
-- units    none

return { redis.call('HGET', KEYS[1], ARGV[1]) or '' }
