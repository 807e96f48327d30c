-- Sets what holds for a client or a bucket in every decision from then on, if nothing has been set since, and announces
-- it to all instances.
--
-- needs    redis-clock, overrides
-- KEYS     1  the hash of its shard: id to 'version text'; it never expires
--          2  of a bucket: the state of what is used of it, which goes with the bucket
-- ARGV     1  the id
--          2  the version that is expected, '0' for nothing
--          3  the text to set, or '' to set nothing
--          4  the channel on which the change is published
--          5  what is published
-- returns  1  1 if it was set, 0 if the version is another
--          2  why it was not announced; '' if it was
-- units    a version is the time of its change in microseconds, or one more than the last if the clock has gone back. A
--          removal leaves none behind: only a clock that goes back to the very microsecond could use one again

-- The change is made, whether or not this user may publish.
local function announced()
  local said = redis.pcall('PUBLISH', ARGV[4], ARGV[5])
  return { 1, type(said) == 'table' and said.err or '' }
end

local set = redis.call('HGET', KEYS[1], ARGV[1])
local version = overrides.version_of(set)
if version ~= tonumber(ARGV[2]) then
  return { 0, '' }
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  if KEYS[2] then
    redis.call('DEL', KEYS[2])
  end
  return announced()
end
local now = redis_clock.now_us()
local next_version = string.format('%.0f', math.max(now, version + 1))
redis.call('HSET', KEYS[1], ARGV[1], next_version .. ' ' .. ARGV[3])
return announced()
