-- Decides requests on a pool, one after the other: each on the client's own limit too, if it has one. Both are charged,
-- or none is.
--
-- needs    kinds, moment, limits, usage, fair-pool, pool-state
-- KEYS     1      the pool's state
--          2, 3   sorted sets of the clients that have something in it: those with a weight, and those of weight 0
--          4      a hash of what else is remembered of them
--          5...   for each request whose client has a limit of its own, the state of that; all in one slot
-- ARGV     1      the time, as moment.lua says
--          2      the limits, as limits.lua says
--          3      the requests, a JSON array of 8 numbers for each: the number of the pool's limit, from 1, and of the
--                 client's own limit, 0 for none; the client's weight; the cost in permits; the permits that the
--                 instance wants in advance; and what it has now: permits, epoch, and what is left of them. With
--                 neither a cost nor anything wanted it gives its lease back
--          then for each request the client's id
-- returns  when: the time by which all is decided; then for each request, one after the other
--          1      1 charged, 2 refused by the client's own limit, 3 its share is used up, 4 the pool's capacity is, 5
--                 the cost can never pass
--          2      whose limit decided: 1 the pool's, 2 the client's own
--          3      permits that are left there, after the charge if it was made; under both limits if both permit it
--          4      reset_after: until that limit has all its permits again
--          5      retry_after: until it is worth asking again; 0 if the cost passed or never will
--          6, 7, 8  the permits that the instance has now, the epoch of the lease, and how long it lives; 0 if it got
--                   none, and its lease is as it was
-- units    microseconds, permits

local NUMBERS = 8

local OK, reset_after_of, now = fair_pool.OK, kinds.reset_after_of, moment.now
local requests = cjson.decode(ARGV[3])
local pool = pool_state.read(limits[requests[1]])
local reply = { now }

local function say(reason, whose, remaining, reset_after, retry_after, total, epoch, life)
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3] = reason, whose, remaining
  reply[at + 4], reply[at + 5] = reset_after, retry_after
  reply[at + 6], reply[at + 7], reply[at + 8] = total or 0, epoch or 0, life or 0
end

local function say_pool(reason, remaining, retry_after, total, epoch, life)
  say(reason, 1, remaining, reset_after_of(pool.meter, now), retry_after, total, epoch, life)
end

local function refuse(judged)
  fair_pool.refuse(pool, judged)
  say_pool(judged.reason, judged.remaining, judged.retry_after)
end

local function decide(judged)
  if judged.reason ~= OK then
    refuse(judged)
    return
  end
  fair_pool.charge(pool, judged)
  say_pool(OK, math.max(0, judged.remaining - judged.cost), 0)
end

local function decide_with_own(judged, own, key)
  local stored = usage.read(key, own)
  local state = own.algorithm.advance(own, stored, now)
  local left = kinds.remaining_of(own, state, now)
  local cost = judged.cost
  local passes = cost <= left and judged.reason == OK
  if cost > left then
    local never = cost > own.capacity
    local retry_after = never and 0 or kinds.retry_after_of(own, state, now, cost)
    local reset_after = reset_after_of(state, now)
    say(never and fair_pool.COST_ABOVE_LIMIT or fair_pool.LIMIT_USED, 2, left, reset_after, retry_after)
  elseif not passes then
    refuse(judged)
  else
    fair_pool.charge(pool, judged)
    state = own.algorithm.charge(own, state, now, cost)
    left = math.min(math.max(0, judged.remaining - cost), kinds.remaining_of(own, state, now))
    say(OK, 2, left, reset_after_of(state, now), 0)
  end
  -- A refusal changes nothing but what a clock that was set back has left.
  local kept = passes and state
    or stored and not kinds.is_believed(stored, now, own.period_us) and kinds.believed(stored, now, own.period_us)
  if kept then
    usage.write(key, kept, reset_after_of(kept, now), 0)
  end
end

local function lease(judged, wanted, permits, epoch, left)
  if judged.reason ~= OK then
    refuse(judged)
    return
  end
  local more, total, lease_epoch, life = fair_pool.lend(pool, judged, wanted, permits, epoch, left)
  say_pool(OK, math.max(0, judged.remaining - judged.cost) - more, 0, total, lease_epoch, life)
end

local own_key = 5
for at = 1, #requests, NUMBERS do
  local limit, own = limits[requests[at]], limits[requests[at + 1]]
  local weight, cost, wanted = requests[at + 2], requests[at + 3], requests[at + 4]
  local permits, epoch, left = requests[at + 5], requests[at + 6], requests[at + 7]
  local id = ARGV[3 + (at + NUMBERS - 1) / NUMBERS]
  if at > 1 then
    pool_state.take_up_again(pool, limit)
  end
  if cost == 0 and wanted == 0 then
    fair_pool.take_back(pool, id, permits, epoch, left)
    pool_state.take_up_again(pool, limit)
    local judged = fair_pool.judge(pool, id, weight, 0, now, pool_state.per_us_of(limit))
    say_pool(OK, judged.remaining, 0)
  else
    local judged = fair_pool.judge(pool, id, weight, cost, now, pool_state.per_us_of(limit))
    if wanted > 0 then
      lease(judged, wanted, permits, epoch, left)
    elseif own then
      decide_with_own(judged, own, KEYS[own_key])
      own_key = own_key + 1
    else
      decide(judged)
    end
  end
end
pool_state.write(pool)
return reply
