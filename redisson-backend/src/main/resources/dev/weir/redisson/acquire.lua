-- Decides requests: for each, judges all its charges, then commits all or none. One that fails, fails alone.
--
-- KEYS     request by request: the hash of what is set at run time in the shard of its client or bucket, id to 'version text';
--          then the state under each policy that is charged; in a cluster, all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the limits, as limits.lua says
--          3      the requests, a JSON array: for each the number of its charges, the version of what is set at run time
--                 that it was made from, 0 for nothing, and for each charge the number of its limit, from 1, and its cost in
--                 permits
--          then for each request the id of its client or bucket
-- returns  when: the time by which all is decided; then for each request, one after the other
--          1      1 if all were charged, 0 if none was, -1 if it failed, -2 if the version is another; then nothing was
--                 charged
--          2      0, or the number of its first state whose value is none of ours: it counts as no state at all, and is
--                 overwritten when it is next charged. If it failed: why, and no more follows. If the version is another:
--                 'version text', or '' if nothing is set, and no more follows
--          then 3 for each charge:
--          remaining, after the charge if it was made: permits
--          reset_after: until the client has its whole limit again
--          retry_after: until its cost would pass; 0 if it would now or never will
-- units    microseconds

local now, spare_ms = now_us(ARGV[1]), spare_ms_of(ARGV[1])

local limits = limits_of(ARGV[2])
local requests = cjson.decode(ARGV[3])

-- Of the request that is being decided, by charge: lists that each request uses anew, because tables are what takes time.
local stored, states, remaining, reset_after, retry_after = {}, {}, {}, {}, {}

local CHARGED, REFUSED, FAILED, OUTDATED = 1, 0, -1, -2

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
    if permitted then
      states[i] = algorithm.charge(limit, states[i], cost)
    elseif cost <= limit.capacity then
      retry_after[i] = algorithm.retry_after(limit, states[i], now, cost)
    end
    reset_after[i] = algorithm.reset_after(limit, states[i], now)
    remaining[i] = algorithm.remaining(limit, states[i], now)
  end
  for i = 1, charges do
    if permitted or stored[i] and not continues(states[i], stored[i]) then
      write_state(KEYS[key + i], states[i], reset_after[i], spare_ms)
    end
  end
  return permitted and CHARGED or REFUSED, unreadable
end

local reply, said = { now }, 1
local at, key, request = 1, 1, 0
while at <= #requests do
  local charges = requests[at]
  request = request + 1
  local done, outcome, more = pcall(decide, charges, at + 1, key, requests[at + 1], ARGV[3 + request])
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
  end
  at, key = at + 2 + 2 * charges, key + 1 + charges
end
return reply
