-- The limits of a call. Every kind of limit stands in its needs.
--
-- needs       kinds, token-bucket, fixed-window, sliding-window, sliding-log
-- KEYS        none of its own
-- ARGV     2  the limits
-- returns     a list of limits
-- units       period is microseconds, capacity permits
--
-- They are written as a JSON array of 6 numbers for each:
--   kind   1 token bucket, 2 fixed window, 3 sliding window, 4 sliding log
--   tick   the length of a tick: 0 a microsecond, 1 a millisecond, 2 a second
--   rate   token bucket: units that drain per tick; else 0
--   unit   token bucket: units to a permit; sliding window: ticks to the period; else the period
--   period microseconds
--   capacity permits

local limits = {}
local of_limits = cjson.decode(ARGV[2])
for i = 1, #of_limits, 6 do
  limits[#limits + 1] = {
    kind = of_limits[i],
    algorithm = kinds.algorithms[of_limits[i]],
    tick = of_limits[i + 1],
    rate = of_limits[i + 2],
    unit = of_limits[i + 3],
    period_us = of_limits[i + 4],
    capacity = of_limits[i + 5],
  }
end
return limits
