-- Takes an instance that ends out of those that live.
--
-- needs    none
-- KEYS     1  the instances
-- ARGV     1  the instance's id
-- returns  1  1 if it was there
-- units    none

return { redis.call('ZREM', KEYS[1], ARGV[1]) }
