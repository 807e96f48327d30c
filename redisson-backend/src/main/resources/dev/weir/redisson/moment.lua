-- The time by which a script decides: it is read once.
--
-- needs       redis-clock
-- KEYS        none of its own
-- ARGV     1  '' for Redis's own clock; or, in a test, what time it is
-- returns     a module: now, and spare_ms, the time that keys live longer than they must
-- units       now is microseconds; _ms is milliseconds

-- The server forgets keys by its real clock: where a test gives another time, it must not do so too early.
local TEST_SPARE_MS = 3600000

if ARGV[1] == '' then
  return { now = redis_clock.now_us(), spare_ms = 0 }
end
return { now = tonumber(ARGV[1]), spare_ms = TEST_SPARE_MS }
