-- Redis's own clock.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module: now_us
-- units       _us is microseconds

local function now_us()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

return { now_us = now_us }
