-- Gives back what a request was charged, because another client or bucket has refused it. What the states do not show any more
-- stays charged.
--
-- KEYS     1      the hash of what is set at run time in the shard of the client or bucket, id to 'version text'
--          2...   the state under each policy that was charged
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the limits, as limits.lua says: one for each charge
--          3      the costs that were charged, a JSON array in permits
--          4      the id of the client or bucket
--          5      the version of what was set at run time when it was charged, 0 for nothing
--          6      when it was charged
-- returns  1      1 if states have been looked at, 0 if something else is set at run time since: then all stays charged
-- units    microseconds

local now, spare_ms = now_us(ARGV[1]), spare_ms_of(ARGV[1])
local limits, costs, charged_at = limits_of(ARGV[2]), cjson.decode(ARGV[3]), tonumber(ARGV[6])

if version_of(redis.call('HGET', KEYS[1], ARGV[4])) ~= tonumber(ARGV[5]) then
  return { 0 }
end
for i, limit in ipairs(limits) do
  local key, algorithm = KEYS[1 + i], limit.algorithm
  local stored = read_state(key, limit.kind == SLIDING_LOG)
  -- If the clock has gone back, or callers' timestamps have a say, what time has given back meanwhile cannot be known.
  if stored and not stored.stamp and stored.at <= now and charged_at <= now then
    local left = algorithm.without(limit, stored, costs[i], charged_at, now)
    if left ~= stored then
      write_state(key, left, now, max(0, reset_after_of(left, now)), 0, spare_ms)
    end
  end
end
return { 1 }
