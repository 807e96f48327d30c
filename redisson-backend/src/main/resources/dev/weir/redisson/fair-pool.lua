-- How much of a pool a client may have. The twin of FairPool.java, which explains it, of FairStanding.java and
-- FairEvaluation.java; its constants are those of FairTuning.java.
--
-- needs       exact, kinds, token-bucket, lending, fair-lane, fair-clock
-- KEYS, ARGV  none of its own
-- returns     a module: the reasons; and judge, charge, owe, lend, refuse, take_back and give_back on a pool, a
--             table of
--             limit      what all clients together may take
--             meter      a token bucket's state: what they have taken
--             clock      see fair-clock.lua
-- units       permits, microseconds

local call, max, min = redis.call, math.max, math.min

local OK, LIMIT_USED, SHARE_USED, CAPACITY_USED, COST_ABOVE_LIMIT = 1, 2, 3, 4, 5
local GREED, NEWCOMER = 4, 0.1
local HORIZON_US, BURSTS_OWED, COSTS_OWED = 1000000, 1.25, 4
local CLAIM_US, RETRY_US = 250000, 50000
local MOST_CLAIMANTS = 10000

-- How a client stands when it asks. A member keeps what is queued whatever its weight is now.
local function standing_of(clock, id, of_weight, now)
  local is_minimal = of_weight == 0
  local lane, other = fair_clock.lane_of(clock, is_minimal), fair_clock.lane_of(clock, not is_minimal)
  local found = fair_lane.find(lane, clock.members, id)
  local moving = not found and fair_lane.find(other, clock.members, id) or nil
  local weight = max(1, of_weight)
  local sum = lane.weight - (found and found.weight or 0) + weight
  local is_shared = other.weight - (moving and moving.weight or 0) > 0
  local standing = {
    is_minimal = is_minimal,
    weight = weight,
    share = fair_clock.share_of(clock, is_minimal, weight, sum, is_shared),
    found = found,
    moving = moving,
    queued = 0,
    refused = false,
    claim = 0,
    claim_until = 0,
    largest = 0,
  }
  local member = found or moving
  if member then
    standing.queued = max(0, (member.finish - (found and lane or other).virtual) * member.weight)
    standing.refused, standing.largest = member.refused, member.largest
    if member.claim > 0 and member.claim_until >= now then
      standing.claim, standing.claim_until = member.claim, member.claim_until
    end
  end
  return standing
end

-- Judges a request; nothing is charged or noted yet.
local function judge_share(pool, id, weight, cost, now, per_us)
  local limit, meter = pool.limit, pool.meter
  local standing = standing_of(pool.clock, id, weight, now)
  local us = max(HORIZON_US, BURSTS_OWED * limit.capacity / per_us)
  local most = max(us * per_us * standing.share, COSTS_OWED * max(cost, standing.largest))
  local queued = min(standing.queued, most)
  local factor = GREED * standing.share
  if not standing.refused then
    factor = max(factor, NEWCOMER)
  end
  local threshold = factor * (limit.capacity - meter.used / meter.unit)
  -- A client with nothing in the bucket passes, whatever it asks for: or a small share would never pass.
  local over = max(0, queued - standing.claim) - max(0, threshold - cost)
  local left = math.floor(max(0, threshold - max(0, queued - standing.claim)))
  local judged = {
    id = id,
    standing = standing,
    queued = queued,
    cost = cost,
    now = now,
    reason = OK,
    retry_after = 0,
    remaining = max(0, min(left, kinds.remaining_of(limit, meter, now))),
  }
  if cost > max(1, exact.floor_div(limit.capacity, 2)) then
    judged.reason = COST_ABOVE_LIMIT
  elseif over > 0 then
    local soonest = over / per_us
    judged.reason = SHARE_USED
    judged.retry_after = math.ceil(min(soonest / standing.share, max(RETRY_US, soonest)))
  else
    judged.retry_after = kinds.retry_after_of(limit, meter, now, cost)
    judged.reason = judged.retry_after == 0 and OK or CAPACITY_USED
  end
  return judged
end

local function note_share(pool, judged, queued, was_refused, claim, claim_until, largest)
  local clock, standing = pool.clock, judged.standing
  clock.forgiven = clock.forgiven + (standing.queued - judged.queued)
  local lane = fair_clock.lane_of(clock, standing.is_minimal)
  if standing.moving then
    fair_lane.remove(fair_clock.lane_of(clock, not standing.is_minimal), clock.members, judged.id, standing.moving)
  end
  fair_lane.put(lane, clock.members, judged.id, {
    weight = standing.weight,
    finish = lane.virtual + queued / standing.weight,
    refused = was_refused,
    claim = claim,
    claim_until = claim_until,
    largest = largest,
  }, standing.found)
end

local function note_charge(pool, judged, permits)
  local standing = judged.standing
  local queued = max(0, judged.queued + permits - standing.claim)
  note_share(pool, judged, queued, standing.refused, 0, 0, max(standing.largest, judged.cost))
end

-- The meter with a cost charged. Where nothing is, it stays in its numbers.
local function charged_meter(pool, judged)
  return judged.cost == 0 and pool.meter or token_bucket.charge(pool.limit, pool.meter, judged.now, judged.cost)
end

local function charge_share(pool, judged)
  pool.meter = charged_meter(pool, judged)
  note_charge(pool, judged, judged.cost)
end

-- Charges what was admitted elsewhere, whatever is left.
local function owe_together(pool, cost, now)
  pool.meter = kinds.owing(pool.limit, pool.meter, now, cost)
  pool.clock.forgiven = pool.clock.forgiven + cost
end

-- The permits that the instance did not have before; and its lease, as lend says.
local function lend_share(pool, judged, wanted, lease, lease_epoch, left)
  local limit, room = pool.limit, max(0, judged.remaining - judged.cost)
  local state, total, epoch, life =
    lending.lend_of_pool(limit, charged_meter(pool, judged), judged.now, wanted, room, lease, lease_epoch, left)
  local more = total == 0 and 0 or total - left
  if judged.cost + more > 0 then
    pool.meter = state
    note_charge(pool, judged, judged.cost + more)
  end
  return more, total, epoch, life
end

local function refuse_share(pool, judged)
  if judged.reason == COST_ABOVE_LIMIT then
    return
  end
  local clock, standing = pool.clock, judged.standing
  local claim, claim_until, queued = standing.claim, standing.claim_until, judged.queued
  local is_member = standing.found or standing.moving
  local claims = judged.reason == CAPACITY_USED
    and claim == 0
    and (is_member or call('ZCARD', clock.weighted.tags) + call('ZCARD', clock.minimal.tags) < MOST_CLAIMANTS)
  if claims then
    claim = judged.cost
    claim_until = judged.now + judged.retry_after + CLAIM_US
    queued = queued + claim
  end
  if claims or is_member then
    local was_refused = standing.refused or judged.reason == SHARE_USED
    note_share(pool, judged, queued, was_refused, claim, claim_until, standing.largest)
  end
end

local function relieve_of(pool, id, meter)
  local clock, permits = pool.clock, (pool.meter.used - meter.used) / pool.meter.unit
  pool.meter = meter
  fair_lane.relieve(clock.weighted, clock.members, id, permits)
  fair_lane.relieve(clock.minimal, clock.members, id, permits)
end

-- Gives back a charge: to the meter what surely has not drained, and to the client's queue as much.
local function give_back_share(pool, id, cost, charged_at, now)
  local limit, meter = pool.limit, pool.meter
  if charged_at > now or meter.at > now then
    return
  end
  relieve_of(pool, id, token_bucket.without(limit, meter, cost, charged_at, now))
end

-- Takes back what is left of a lease.
local function take_back_share(pool, id, lease, epoch, left)
  relieve_of(pool, id, lending.returned(pool.meter, lease, epoch, left))
end

return {
  OK = OK,
  LIMIT_USED = LIMIT_USED,
  COST_ABOVE_LIMIT = COST_ABOVE_LIMIT,
  judge = judge_share,
  charge = charge_share,
  owe = owe_together,
  lend = lend_share,
  refuse = refuse_share,
  take_back = take_back_share,
  give_back = give_back_share,
}
