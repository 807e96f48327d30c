-- Decides requests: for each, judges all its charges, then commits all or none. One that fails, fails alone.
--
-- KEYS     request by request: the hash of what is set at run time in the shard of its client or bucket, id to 'version text';
--          then the state under each policy that is charged; in a cluster, all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the limits, a JSON array of 6 numbers for each:
--                 kind   1 token bucket, 2 fixed window, 3 sliding window, 4 sliding log
--                 tick   the length of a tick: 0 a microsecond, 1 a millisecond, 2 a second
--                 rate   token bucket: units that drain per tick; else 0
--                 unit   token bucket: units to a permit; sliding window: ticks to the period; else the period
--                 period microseconds
--                 capacity permits
--          3      the requests, a JSON array: for each the number of its charges, the version of what is set at run time
--                 that it was made from, 0 for nothing, and for each charge the number of its limit, from 1, and its cost in
--                 permits. A request with a timestamp has the number of its charges negated, and three more numbers before
--                 them: when its caller says that it is made, and how far that may be behind the time in ARGV 1, and ahead of it
--          then for each request the id of its client or bucket
-- returns  for each request, one after the other
--          1      1 if all were charged, 0 if none was, -1 if it failed, -2 if the version is another, -3 if its timestamp is
--                 too old, -4 if it is too far ahead; if it is negative, nothing was charged or written
--          2      0, or the number of its first state whose value is none of ours: it counts as no state at all, and is
--                 overwritten when it is next charged. If it failed: why, and no more follows. If the version is another:
--                 'version text', or '' if nothing is set, and no more follows
--          then 3 for each charge:
--          remaining, after the charge if it was made: permits
--          reset_after: until the client has its whole limit again
--          retry_after: until its cost would pass; 0 if it would now or never will. For a timestamp that is too far ahead:
--          until it is not
--          Both count from the request's timestamp if it has one that is near enough, else from the time in ARGV 1
-- units    microseconds

local TEST_SPARE_MS = 3600000

local now = now_us(ARGV[1])
-- The server forgets keys by its real clock: where a test tells another, it must not do so too early.
local spare_ms = ARGV[1] == '' and 0 or TEST_SPARE_MS

local limits = {}
local of_limits = cjson.decode(ARGV[2])
for i = 1, #of_limits, 6 do
  limits[#limits + 1] = {
    kind = of_limits[i],
    algorithm = KINDS[of_limits[i]],
    tick = of_limits[i + 1],
    rate = of_limits[i + 2],
    unit = of_limits[i + 3],
    period_us = of_limits[i + 4],
    capacity = of_limits[i + 5],
  }
end

local requests = cjson.decode(ARGV[3])

-- Of the request that is being decided, by charge: lists that each request uses anew, because tables are what takes time.
-- nows is the time that counts, which is not the clock's where timestamps are about.
local stored, states, nows, stamps, remaining, reset_after, retry_after = {}, {}, {}, {}, {}, {}, {}

local CHARGED, REFUSED, FAILED, OUTDATED = 1, 0, -1, -2

-- A wait from the time that counts, for a caller who counts from another. Wait and time together may be above 2^53.
local function from_asked(wait_us, counts, asked)
  return wait_us == 0 and 0 or wait_us + (counts - asked)
end

-- Decides one request, whose charges stand after at in the requests, and whose keys after key, where that of its overrides
-- is; its timestamp, if it has one, stands at told_at. All is computed before anything is written: an error finds nothing half charged.
local function decide(charges, at, key, version, id, told_at)
  local set = redis.call('HGET', KEYS[key], id)
  if version_of(set) ~= version then
    return OUTDATED, set or ''
  end
  local permitted, unreadable = true, 0
  local asked, stamp, refusal, wait = now, nil, nil, 0
  if told_at then
    local told, max_age, max_skew = requests[told_at], requests[told_at + 1], requests[told_at + 2]
    refusal, wait = outside(told, max_age, max_skew, now)
    if not refusal then
      asked, stamp = told, stamp_of(max_age)
    end
  end
  for i = 1, charges do
    local limit, cost = limits[requests[at + 2 * i - 1]], requests[at + 2 * i]
    local found, readable = read_state(KEYS[key + i], limit.kind == SLIDING_LOG)
    if not readable and unreadable == 0 then
      unreadable = i
    end
    local counts = now
    stamps[i] = stamp
    if stamp or found and found.stamp then
      found, counts, stamps[i] = placed(limit, found, asked, stamp, now)
    end
    stored[i], nows[i] = found, counts
    states[i] = limit.algorithm.advance(limit, found, counts)
    permitted = permitted and cost <= limit.algorithm.remaining(limit, states[i], counts)
  end
  permitted = permitted and not refusal
  for i = 1, charges do
    local limit, cost, counts = limits[requests[at + 2 * i - 1]], requests[at + 2 * i], nows[i]
    local algorithm = limit.algorithm
    retry_after[i] = wait
    if permitted then
      states[i] = algorithm.charge(limit, states[i], cost)
    elseif not refusal and cost <= limit.capacity then
      retry_after[i] = from_asked(algorithm.retry_after(limit, states[i], counts, cost), counts, asked)
    end
    reset_after[i] = from_asked(algorithm.reset_after(limit, states[i], counts), counts, asked)
    remaining[i] = algorithm.remaining(limit, states[i], counts)
  end
  for i = 1, charges do
    if permitted or not refusal and stored[i] and not continues(states[i], stored[i]) then
      states[i].stamp = stamps[i]
      write_state(KEYS[key + i], states[i], reset_after[i], asked - now, spare_ms)
    end
  end
  return refusal or permitted and CHARGED or REFUSED, unreadable
end

local reply, said = {}, 0
local at, key, request = 1, 1, 0
while at <= #requests do
  local charges, version, told_at = requests[at], requests[at + 1], nil
  at = at + 1
  if charges < 0 then
    charges, told_at, at = -charges, at + 1, at + 3
  end
  request = request + 1
  local done, outcome, more = pcall(decide, charges, at, key, version, ARGV[3 + request], told_at)
  if not done then
    outcome, more = FAILED, type(outcome) == 'table' and outcome.err or tostring(outcome)
  end
  reply[said + 1], reply[said + 2] = outcome, more
  said = said + 2
  if outcome ~= FAILED and outcome ~= OUTDATED then
    for i = 1, charges do
      reply[said + 1], reply[said + 2], reply[said + 3] = remaining[i], reset_after[i], retry_after[i]
      said = said + 3
    end
  end
  at, key = at + 1 + 2 * charges, key + 1 + charges
end
return reply
