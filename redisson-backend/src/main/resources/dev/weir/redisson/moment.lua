-- The time by which a script decides: it is read once a call.
--
-- needs       redis-clock
-- KEYS, ARGV  none of its own
-- returns     a module: begin, which every script calls first; then now, and spare_ms, the time that keys live longer
--             than they must
-- units       now is microseconds; _ms is milliseconds

-- The server forgets keys by its real clock: where a test gives another time, it must not do so too early.
local TEST_SPARE_MS = 3600000

local moment = {}

-- Given is '' for Redis's own clock; or, in a test, what time it is.
function moment.begin(given)
  if given == '' then
    moment.now, moment.spare_ms = redis_clock.now_us(), 0
  else
    moment.now, moment.spare_ms = tonumber(given), TEST_SPARE_MS
  end
end

return moment
