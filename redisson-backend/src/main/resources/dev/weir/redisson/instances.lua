-- Lists the instances that live.
--
-- needs    redis-clock
-- KEYS     1  the instances: a sorted set of ids by when each was last seen
-- ARGV     1  how long an instance counts without being seen, microseconds
-- returns  the ids
-- units    microseconds

local now = redis_clock.now_us()
local alive_us = tonumber(ARGV[1])
return redis.call(
  'ZRANGEBYSCORE',
  KEYS[1],
  string.format('%.0f', now - alive_us),
  string.format('%.0f', now + alive_us)
)
