-- The least that a limiter on Redis does in one call: one number of one key, by Redis's clock.
-- KEYS[1]: the client. ARGV: microseconds a permit takes to come back; permits at once. Returns 1 if permitted.
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local emission_us = tonumber(ARGV[1])
local tat_us = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now_us) + emission_us
if tat_us - now_us > emission_us * ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], string.format('%.0f', tat_us), 'PX', math.ceil((tat_us - now_us) / 1000) + 1)
return 1
