-- Decides a request on a pool, and on the client's own limit if it has one: both are charged, or none is.
--
-- KEYS     1      the pool's state
--          2, 3   sorted sets of the clients that have something in it: those with a weight, and those of weight 0
--          4      a hash of what else is remembered of them
--          5      the state of the client's own limit, if it has one; all in one slot
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the pool's limit, and the client's own after it if it has one, as limits.lua says
--          3      the client's weight
--          4      the cost in permits
--          5      the client's id
-- returns  1      when: the time by which it is decided
--          2      1 charged, 2 refused by the client's own limit, 3 its share is used up, 4 the pool's capacity is, 5 the cost
--                 can never pass
--          3      whose limit decided: 1 the pool's, 2 the client's own
--          4      permits that are left there, after the charge if it was made; under both limits if both permit it
--          5      reset_after: until that limit has all its permits again
--          6      retry_after: until it is worth asking again; 0 if the cost passed or never will
-- units    microseconds, permits

local now, spare_ms = now_us(ARGV[1]), spare_ms_of(ARGV[1])
local limits = limits_of(ARGV[2])
local weight, cost, id = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local limit = limits[1]
local pool = read_pool(limit, now)
local judged = judge_share(pool, id, weight, cost, now, per_us_of(limit))

local own, own_stored, own_state = nil, nil, nil
if KEYS[5] then
  own = limits[2]
  own_stored = read_state(KEYS[5], own.kind == SLIDING_LOG)
  own_state = own.algorithm.advance(own, own_stored, now)
end

local function say_own(reason, remaining, retry_after)
  return { now, reason, 2, remaining, own.algorithm.reset_after(own, own_state, now), retry_after }
end

local function say_pool(reason, remaining, retry_after)
  return { now, reason, 1, remaining, token_bucket.reset_after(limit, pool.meter, now), retry_after }
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
if own and (reply[2] == OK or own_stored and not continues(own_state, own_stored)) then
  write_state(KEYS[5], own_state, now, own.algorithm.reset_after(own, own_state, now), 0, spare_ms)
end
return reply
