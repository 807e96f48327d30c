-- Decides one request on a pool that fair-pool.lua has judged, and says so in the reply.
--
-- needs       kinds, moment, usage, fair-pool, pool-state
-- KEYS, ARGV  none of its own
-- returns     a module: decide, decide_with_own, lease and give_back
-- units       microseconds, permits

local OK = fair_pool.OK

local function say(reply, reason, whose, remaining, reset_after, retry_after, total, epoch, life)
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3] = reason, whose, remaining
  reply[at + 4], reply[at + 5] = reset_after, retry_after
  reply[at + 6], reply[at + 7], reply[at + 8] = total or 0, epoch or 0, life or 0
end

local function say_pool(pool, reply, reason, remaining, retry_after, total, epoch, life)
  say(reply, reason, 1, remaining, kinds.reset_after_of(pool.meter, moment.now), retry_after, total, epoch, life)
end

local function refuse(pool, reply, judged)
  fair_pool.refuse(pool, judged)
  say_pool(pool, reply, judged.reason, judged.remaining, judged.retry_after)
end

-- Under the pool's limit alone.
local function decide(pool, reply, judged)
  if judged.reason ~= OK then
    refuse(pool, reply, judged)
    return
  end
  fair_pool.charge(pool, judged)
  say_pool(pool, reply, OK, math.max(0, judged.remaining - judged.cost), 0)
end

-- Under the client's own limit as well, whose state is under a key.
local function decide_with_own(pool, reply, judged, own, key)
  local now = moment.now
  local stored = usage.read(key, own)
  local state = own.algorithm.advance(own, stored, now)
  local left = kinds.remaining_of(own, state, now)
  local cost = judged.cost
  local passes = cost <= left and judged.reason == OK
  if cost > left then
    local never = cost > own.capacity
    local retry_after = never and 0 or kinds.retry_after_of(own, state, now, cost)
    local reset_after = kinds.reset_after_of(state, now)
    say(reply, never and fair_pool.COST_ABOVE_LIMIT or fair_pool.LIMIT_USED, 2, left, reset_after, retry_after)
  elseif not passes then
    refuse(pool, reply, judged)
  else
    fair_pool.charge(pool, judged)
    state = own.algorithm.charge(own, state, now, cost)
    left = math.min(math.max(0, judged.remaining - cost), kinds.remaining_of(own, state, now))
    say(reply, OK, 2, left, kinds.reset_after_of(state, now), 0)
  end
  -- A refusal changes nothing but what a clock that was set back has left.
  local kept = passes and state
    or stored and not kinds.is_believed(stored, now, own.period_us) and kinds.believed(stored, now, own.period_us)
  if kept then
    usage.write(key, kept, kinds.reset_after_of(kept, now), 0)
  end
end

-- With permits in advance.
local function lease(pool, reply, judged, wanted, permits, epoch, left)
  if judged.reason ~= OK then
    refuse(pool, reply, judged)
    return
  end
  local more, total, lease_epoch, life = fair_pool.lend(pool, judged, wanted, permits, epoch, left)
  say_pool(pool, reply, OK, math.max(0, judged.remaining - judged.cost) - more, 0, total, lease_epoch, life)
end

-- A lease that ends before its time.
local function give_back(pool, reply, limit, id, weight, permits, epoch, left)
  fair_pool.take_back(pool, id, permits, epoch, left)
  pool_state.take_up_again(pool, limit)
  local judged = fair_pool.judge(pool, id, weight, 0, moment.now, pool_state.per_us_of(limit))
  say_pool(pool, reply, OK, judged.remaining, 0)
end

return { decide = decide, decide_with_own = decide_with_own, lease = lease, give_back = give_back }
