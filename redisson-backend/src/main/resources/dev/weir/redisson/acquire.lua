-- Decides the charges of one request together: judges all, then commits all or none.
--
-- KEYS     the state of the client under each policy that is charged; all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          then 7 for each key:
--          kind   1 token bucket, 2 fixed window
--          tick   the length of a tick: 0 a microsecond, 1 a millisecond, 2 a second
--          rate   token bucket: units that drain per tick; else 0
--          unit   token bucket: units to a permit; fixed window: the period
--          period microseconds
--          capacity, cost: permits
-- returns  1      1 if all were charged, 0 if none was
--          2      0, or the number of the first key whose value is none of ours: it counts as no state at all, and is
--                 overwritten when it is next charged
--          then 3 for each key:
--          remaining, after the charge if it was made: permits
--          reset_after: until the client has its whole limit again
--          retry_after: until its cost would pass; 0 if it would now or never will
-- units    microseconds

local ARGUMENTS = 7
local TEST_SPARE_MS = 3600000
local ALGORITHMS = { [TOKEN_BUCKET] = token_bucket, [FIXED_WINDOW] = fixed_window }

local function read_limit(at)
  return {
    algorithm = ALGORITHMS[tonumber(ARGV[at])],
    tick = tonumber(ARGV[at + 1]),
    rate = tonumber(ARGV[at + 2]),
    unit = tonumber(ARGV[at + 3]),
    period_us = tonumber(ARGV[at + 4]),
    capacity = tonumber(ARGV[at + 5]),
  }
end

local now = now_us(ARGV[1])
-- The server forgets keys by its real clock: where a test tells another, it must not do so too early.
local spare_ms = ARGV[1] == '' and 0 or TEST_SPARE_MS

local limits, costs, stored, states = {}, {}, {}, {}
local permitted, unreadable = true, 0
for i = 1, #KEYS do
  local at = 2 + (i - 1) * ARGUMENTS
  local limit, cost = read_limit(at), tonumber(ARGV[at + 6])
  local state, readable = read_state(KEYS[i])
  if not readable and unreadable == 0 then
    unreadable = i
  end
  limits[i], costs[i], stored[i] = limit, cost, state
  states[i] = limit.algorithm.advance(limit, state, now)
  permitted = permitted and cost <= limit.algorithm.remaining(limit, states[i])
end

local reply = { permitted and 1 or 0, unreadable }
for i = 1, #KEYS do
  local limit, cost, state = limits[i], costs[i], states[i]
  local algorithm = limit.algorithm
  local retry_after = 0
  if permitted then
    state = algorithm.charge(limit, state, cost)
  elseif cost <= limit.capacity then
    retry_after = algorithm.retry_after(limit, state, now, cost)
  end
  local reset_after = algorithm.reset_after(limit, state, now)
  if permitted or stored[i] and not continues(state, stored[i]) then
    write_state(KEYS[i], state, reset_after, spare_ms)
  end
  reply[#reply + 1] = algorithm.remaining(limit, state)
  reply[#reply + 1] = reset_after
  reply[#reply + 1] = retry_after
end
return reply
