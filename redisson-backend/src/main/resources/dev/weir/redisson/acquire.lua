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
--                 permits. Or, where an instance asks for a lease: 0; the version; the number of its limit; the cost; the
--                 permits that it wants, 0 to give its lease back; what it has now: permits, epoch and what is left of them
--          then for each request the id of its client or bucket
-- returns  for each request, one after the other
--          1      1 if all were charged, 0 if none was, -1 if it failed, -2 if the version is another; then nothing was
--                 charged
--          2      0, or the number of its first state whose value is none of ours: it counts as no state at all, and is
--                 overwritten when it is next charged. If it failed: why, and no more follows. If the version is another:
--                 'version text', or '' if nothing is set, and no more follows
--          then 3 for each charge:
--          remaining, after the charge if it was made: permits
--          reset_after: until the client has its whole limit again
--          retry_after: until its cost would pass; 0 if it would now or never will
--          then 3 more for a lease:
--          the permits that the instance has now, the epoch of the lease, and how long it lives; 0 if it got none, and its
--          lease is as it was
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
local stored, states, writes, remaining, reset_after, retry_after = {}, {}, {}, {}, {}, {}
local leased = {}

local CHARGED, REFUSED, FAILED, OUTDATED = 1, 0, -1, -2

-- What becomes of the state that a charge was refused on.
local function refuse(i, limit, cost)
  local advanced = states[i]
  if cost <= limit.capacity then
    retry_after[i] = limit.algorithm.retry_after(limit, advanced, now, cost)
  end
  if cost > limit.algorithm.remaining(limit, advanced, now) then
    states[i] = refused(limit, advanced, now, cost)
  end
  writes[i] = stored[i] and (states[i] ~= advanced or not continues(advanced, stored[i]))
end

-- Decides one request, whose charges stand after at in the requests, and whose keys after key, where that of its overrides
-- is. All is computed before anything is written: an error finds nothing half charged.
local function decide(charges, at, key, version, id)
  local set = redis.call('HGET', KEYS[key], id)
  if version_of(set) ~= version then
    return OUTDATED, set or ''
  end
  local permitted, unreadable = true, 0
  for i = 1, charges do
    local limit, cost = limits[requests[at + 2 * i - 1]], requests[at + 2 * i]
    local found, readable = read_state(KEYS[key + i], limit.kind == SLIDING_LOG)
    if not readable and unreadable == 0 then
      unreadable = i
    end
    stored[i] = found
    states[i] = limit.algorithm.advance(limit, found, now)
    permitted = permitted and cost <= limit.algorithm.remaining(limit, states[i], now)
  end
  for i = 1, charges do
    local limit, cost = limits[requests[at + 2 * i - 1]], requests[at + 2 * i]
    local algorithm = limit.algorithm
    retry_after[i] = 0
    writes[i] = permitted
    if permitted then
      states[i] = served(limit, algorithm.charge(limit, states[i], cost), cost)
    else
      refuse(i, limit, cost)
    end
    reset_after[i] = algorithm.reset_after(limit, states[i], now)
    remaining[i] = algorithm.remaining(limit, states[i], now)
  end
  for i = 1, charges do
    if writes[i] then
      write_state(KEYS[key + i], states[i], now, reset_after[i], spare_ms)
    end
  end
  return permitted and CHARGED or REFUSED, unreadable
end

-- Decides a request for a lease, which stands after at in the requests.
local function lease(at, key, version, id)
  local set = redis.call('HGET', KEYS[key], id)
  if version_of(set) ~= version then
    return OUTDATED, set or ''
  end
  local limit, cost, wanted = limits[requests[at + 1]], requests[at + 2], requests[at + 3]
  local permits, epoch, left = requests[at + 4], requests[at + 5], requests[at + 6]
  local algorithm = limit.algorithm
  local found, readable = read_state(KEYS[key + 1], limit.kind == SLIDING_LOG)
  local state = algorithm.advance(limit, found, now)
  local permitted = cost <= algorithm.remaining(limit, state, now)
  stored[1], states[1], retry_after[1], writes[1] = found, state, 0, permitted
  leased[1], leased[2], leased[3] = 0, 0, 0
  if not permitted then
    refuse(1, limit, cost)
  elseif wanted == 0 then
    states[1] = returned(limit, state, permits, epoch, left)
  else
    if cost > 0 then
      state = served(limit, algorithm.charge(limit, state, cost), cost)
    end
    states[1], leased[1], leased[2], leased[3] = lend(limit, state, now, wanted, permits, epoch, left)
  end
  reset_after[1] = algorithm.reset_after(limit, states[1], now)
  remaining[1] = algorithm.remaining(limit, states[1], now)
  if writes[1] then
    write_state(KEYS[key + 1], states[1], now, reset_after[1], spare_ms)
  end
  return permitted and CHARGED or REFUSED, readable and 0 or 1
end

local reply, said = {}, 0
local at, key, request = 1, 1, 0
while at <= #requests do
  local charges = requests[at]
  local is_lease = charges == 0
  request = request + 1
  local done, outcome, more
  if is_lease then
    done, outcome, more = pcall(lease, at + 1, key, requests[at + 1], ARGV[3 + request])
    charges = 1
  else
    done, outcome, more = pcall(decide, charges, at + 1, key, requests[at + 1], ARGV[3 + request])
  end
  if not done then
    outcome, more = FAILED, type(outcome) == 'table' and outcome.err or tostring(outcome)
  end
  reply[said + 1], reply[said + 2] = outcome, more
  said = said + 2
  if outcome == CHARGED or outcome == REFUSED then
    for i = 1, charges do
      reply[said + 1], reply[said + 2], reply[said + 3] = remaining[i], reset_after[i], retry_after[i]
      said = said + 3
    end
    if is_lease then
      reply[said + 1], reply[said + 2], reply[said + 3] = leased[1], leased[2], leased[3]
      said = said + 3
    end
  end
  at, key = at + (is_lease and 8 or 2 + 2 * charges), key + 1 + charges
end
return reply
