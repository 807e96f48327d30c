-- Decides requests: for each, judges all its charges, then commits all or none. One that fails, fails alone.
--
-- KEYS     request by request: the hash of what is set at run time in the shard of its client or bucket, id to 'version text';
--          then the state under each policy that is charged; in a cluster, all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the limits, each as 6 numbers; all numbers are decimal, with blanks between:
--                 kind   1 token bucket, 2 fixed window, 3 sliding window, 4 sliding log
--                 tick   the length of a tick: 0 a microsecond, 1 a millisecond, 2 a second
--                 rate   token bucket: units that drain per tick; else 0
--                 unit   token bucket: units to a permit; sliding window: ticks to the period; else the period
--                 period microseconds
--                 capacity permits
--          3      the requests, each as the number of its charges, the version of what is set at run time that it was made
--                 from, 0 for nothing, and for each charge the number of its limit, from 1, and its cost in permits
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
-- units    microseconds

local TEST_SPARE_MS = 3600000

local now = now_us(ARGV[1])
-- The server forgets keys by its real clock: where a test tells another, it must not do so too early.
local spare_ms = ARGV[1] == '' and 0 or TEST_SPARE_MS

-- A function that gives the numbers in a text one by one, and nil when there are no more.
local function numbers(text)
  local digits = string.gmatch(text, '%d+')
  return function()
    local next_digits = digits()
    return next_digits and tonumber(next_digits)
  end
end

local limits = {}
local next_of_limits = numbers(ARGV[2])
for kind in next_of_limits do
  limits[#limits + 1] = {
    kind = kind,
    algorithm = KINDS[kind],
    tick = next_of_limits(),
    rate = next_of_limits(),
    unit = next_of_limits(),
    period_us = next_of_limits(),
    capacity = next_of_limits(),
  }
end

-- Reads a charge's state and brings it up to now. Returns whether the charge can be made, and whether its key is readable.
local function judge(charge)
  local limit, readable = charge.limit, true
  charge.stored, readable = read_state(charge.key, limit.kind == SLIDING_LOG)
  charge.state = limit.algorithm.advance(limit, charge.stored, now)
  return charge.cost <= limit.algorithm.remaining(limit, charge.state, now), readable
end

-- The numbers of the answer, and whether there is something to write. Nothing is written before this has been done for all
-- charges of a request: an error finds nothing half charged.
local function settle(charge, permitted)
  local limit, algorithm = charge.limit, charge.limit.algorithm
  charge.retry_after = 0
  if permitted then
    charge.state = algorithm.charge(limit, charge.state, charge.cost)
  elseif charge.cost <= limit.capacity then
    charge.retry_after = algorithm.retry_after(limit, charge.state, now, charge.cost)
  end
  charge.reset_after = algorithm.reset_after(limit, charge.state, now)
  charge.remaining = algorithm.remaining(limit, charge.state, now)
  charge.changed = permitted or charge.stored and not continues(charge.state, charge.stored)
end

local CHARGED, REFUSED, FAILED, OUTDATED = 1, 0, -1, -2

local function decide(request)
  local set = redis.call('HGET', request.overrides_key, request.id)
  if version_of(set) ~= request.version then
    return OUTDATED, set or ''
  end
  local permitted, unreadable = true, 0
  for i, charge in ipairs(request) do
    local passes, readable = judge(charge)
    permitted = permitted and passes
    if not readable and unreadable == 0 then
      unreadable = i
    end
  end
  for _, charge in ipairs(request) do
    settle(charge, permitted)
  end
  for _, charge in ipairs(request) do
    if charge.changed then
      write_state(charge.key, charge.state, charge.reset_after, spare_ms)
    end
  end
  return permitted and CHARGED or REFUSED, unreadable
end

local reply = {}
local function answer(number)
  reply[#reply + 1] = number
end

local key_number, request_number = 0, 0
local next_of_requests = numbers(ARGV[3])
for charges in next_of_requests do
  request_number = request_number + 1
  key_number = key_number + 1
  local request = {
    overrides_key = KEYS[key_number],
    id = ARGV[3 + request_number],
    version = next_of_requests(),
  }
  for i = 1, charges do
    key_number = key_number + 1
    request[i] = { key = KEYS[key_number], limit = limits[next_of_requests()], cost = next_of_requests() }
  end
  local done, outcome, more = pcall(decide, request)
  if not done then
    answer(FAILED)
    answer(type(outcome) == 'table' and outcome.err or tostring(outcome))
  else
    answer(outcome)
    answer(more)
    if outcome ~= OUTDATED then
      for _, charge in ipairs(request) do
        answer(charge.remaining)
        answer(charge.reset_after)
        answer(charge.retry_after)
      end
    end
  end
end
return reply
