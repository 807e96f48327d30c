-- Records that an instance lives, forgets those that were not seen, and agrees on the shards.
--
-- needs    redis-clock
-- KEYS     1  the instances: a sorted set of ids by when each was last seen
--             it does not expire: what does is the first to be evicted where the memory is full
--          2  the shards, their number and the fingerprint of their secret: written by the first instance, for good
-- ARGV     1  the shards that the caller counts with
--          2  how long an instance counts without being seen, microseconds
--          3  the instance's id; '' only asks
-- returns  1  the shards in force, as they are stored
--          2  the number of instances alive; where the caller's shards are not those in force, it is not recorded
-- units    microseconds

redis.call('SET', KEYS[2], ARGV[1], 'NX')
local shards = redis.call('GET', KEYS[2])
local now = redis_clock.now_us()
local alive_us = tonumber(ARGV[2])
-- One that was last seen in the future was so by a clock that has been put back since.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - alive_us))
redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + alive_us), '+inf')
if ARGV[3] ~= '' and shards == ARGV[1] then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3])
end
return { shards, redis.call('ZCARD', KEYS[1]) }
