-- Decides a request on a pool, and on the client's own limit if it has one: both are charged, or none is.
--
-- KEYS     1      the pool's state
--          2, 3   sorted sets of the clients that have something in it: those with a weight, and those of weight 0
--          4      a hash of what else is remembered of them
--          5      the state of the client's own limit, if it has one; all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the pool's limit, and the client's own after it if it has one: a JSON array of 6 numbers for each, as acquire.lua
--                 has them
--          3      the client's weight
--          4      the cost in permits
--          5      the client's id
-- returns  1      1 charged, 2 refused by the client's own limit, 3 its share is used up, 4 the pool's capacity is, 5 the cost
--                 can never pass
--          2      whose limit decided: 1 the pool's, 2 the client's own
--          3      permits that are left there, after the charge if it was made; under both limits if both permit it
--          4      reset_after: until that limit has all its permits again
--          5      retry_after: until it is worth asking again; 0 if the cost passed or never will
-- units    microseconds, permits
--
-- The pool's state is a token bucket's, as state.lua packs it, and 69 bytes: until when the clock has gone, what it has
-- not drained yet, what is forgiven, and of each lane its virtual time, weight and pace. It lives until the pool is empty, and
-- then nothing else is worth anything: the other keys may live a minute longer, and are deleted when the pool is next asked.

local TEST_SPARE_MS, CLEANED_AFTER_MS = 3600000, 60000
local CLOCK, CLOCK_BYTES = '>I7dddI7ddI7d', 69

local function limit_of(numbers, at)
  return {
    kind = numbers[at],
    algorithm = KINDS[numbers[at]],
    tick = numbers[at + 1],
    rate = numbers[at + 2],
    unit = numbers[at + 3],
    period_us = numbers[at + 4],
    capacity = numbers[at + 5],
  }
end

-- The pool as it is at a time.
local function read_pool(limit, now, per_us)
  local packed = call('GET', KEYS[1])
  local stored = packed and #packed == STATE_BYTES + CLOCK_BYTES and of_string(string.sub(packed, 1, STATE_BYTES)) or nil
  local meter = token_bucket.advance(limit, stored, now)
  if meter.used == 0 then
    return { limit = limit, meter = meter, clock = empty_clock(KEYS[2], KEYS[3], KEYS[4], now) }
  end
  local at, undrained, forgiven, virtual, weight, pace, minimal_virtual, minimal_weight, minimal_pace =
    unpack(CLOCK, packed, STATE_BYTES + 1)
  local clock = {
    members = KEYS[4],
    weighted = { tags = KEYS[2], virtual = virtual, weight = weight, pace = pace },
    minimal = { tags = KEYS[3], virtual = minimal_virtual, weight = minimal_weight, pace = minimal_pace },
    at = at,
    undrained = undrained,
    forgiven = forgiven,
  }
  advance_clock(clock, now, limit.period_us, per_us, meter.used / limit.unit)
  return { limit = limit, meter = meter, clock = clock }
end

local function write_pool(pool, now, spare_ms)
  local meter, clock = pool.meter, pool.clock
  if meter.used == 0 then
    call('DEL', KEYS[1])
    return
  end
  local weighted, minimal = clock.weighted, clock.minimal
  local lives_ms = ceil_div(token_bucket.reset_after(pool.limit, meter, now), 1000) + 1 + spare_ms
  local packed = pack(
    CLOCK,
    clock.at,
    clock.undrained,
    clock.forgiven,
    weighted.virtual,
    weighted.weight,
    weighted.pace,
    minimal.virtual,
    minimal.weight,
    minimal.pace
  )
  call('SET', KEYS[1], to_string(meter) .. packed, 'PX', lives_ms)
  for i = 2, 4 do
    call('PEXPIRE', KEYS[i], lives_ms + CLEANED_AFTER_MS)
  end
end

local now = now_us(ARGV[1])
-- The server forgets keys by its real clock: where a test tells another, it must not do so too early.
local spare_ms = ARGV[1] == '' and 0 or TEST_SPARE_MS
local numbers = cjson.decode(ARGV[2])
local weight, cost, id = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local limit = limit_of(numbers, 1)
local per_us = limit.rate / (limit.unit * TICK_US[limit.tick])
local pool = read_pool(limit, now, per_us)
local judged = judge_share(pool, id, weight, cost, now, per_us)

local own, own_stored, own_state = nil, nil, nil
if KEYS[5] then
  own = limit_of(numbers, 7)
  own_stored = read_state(KEYS[5], own.kind == SLIDING_LOG)
  own_state = own.algorithm.advance(own, own_stored, now)
end

local function say_own(reason, remaining, retry_after)
  return { reason, 2, remaining, own.algorithm.reset_after(own, own_state, now), retry_after }
end

local function say_pool(reason, remaining, retry_after)
  return { reason, 1, remaining, token_bucket.reset_after(limit, pool.meter, now), retry_after }
end

local reply
local own_remaining = own and own.algorithm.remaining(own, own_state, now)
if own and cost > own_remaining then
  local never = cost > own.capacity
  local retry_after = never and 0 or own.algorithm.retry_after(own, own_state, now, cost)
  reply = say_own(never and COST_ABOVE_LIMIT or LIMIT_USED, own_remaining, retry_after)
elseif judged.reason ~= OK then
  refuse_share(pool, judged)
  reply = say_pool(judged.reason, judged.remaining, judged.retry_after)
else
  charge_share(pool, judged)
  local remaining = max(0, judged.remaining - cost)
  if own then
    own_state = own.algorithm.charge(own, own_state, cost)
    reply = say_own(OK, min(remaining, own.algorithm.remaining(own, own_state, now)), 0)
  else
    reply = say_pool(OK, remaining, 0)
  end
end
write_pool(pool, now, spare_ms)
if own and (reply[1] == OK or own_stored and not continues(own_state, own_stored)) then
  write_state(KEYS[5], own_state, now, own.algorithm.reset_after(own, own_state, now), 0, spare_ms)
end
return reply
