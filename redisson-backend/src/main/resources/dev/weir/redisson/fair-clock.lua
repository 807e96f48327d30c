-- How far the ideal server is with the work that a pool has admitted. The twin of FairClock.java, which explains it.
--
-- needs       fair-lane
-- KEYS, ARGV  none of its own
-- returns     a module of functions on a clock, a table of
--             members    the key of the hash with what is remembered of clients
--             weighted   the lane of clients that have a weight
--             minimal    the lane of those of weight 0
--             at         until when time has passed
--             undrained  permits that time has drained, but not from the clients yet, because too many finished
--             forgiven   permits in use that no client owes any more
-- units       permits, microseconds

local next_of, needed, max, min = fair_lane.next_of, fair_lane.needed, math.max, math.min

local RESERVED = 0.01
local SMOOTHING_US, REPAID, MOST_LEAVING, LARGEST_VIRTUAL = 200000, 0.02, 128, 8796093022208

local function lane_of(clock, is_minimal)
  return is_minimal and clock.minimal or clock.weighted
end

local function part_of_both(is_minimal)
  return is_minimal and RESERVED or 1 - RESERVED
end

local function part_now(lane, other, of_both)
  return lane.weight == 0 and 0 or other.weight == 0 and 1 or of_both
end

local function serve(clock, lane, permits, finishes)
  if finishes then
    fair_lane.finish_next(lane, clock.members)
  elseif permits > 0 then
    lane.virtual = lane.virtual + permits / lane.weight
  end
end

-- What is left of the permits because too many clients finished for one decision.
local function drain(clock, permits, per_us)
  local weighted, minimal = clock.weighted, clock.minimal
  local weighted_before, minimal_before, weighted_busy, minimal_busy = weighted.virtual, minimal.virtual, 0, 0
  local left, steps = permits, 0
  next_of(weighted)
  next_of(minimal)
  while left > 0 and weighted.weight + minimal.weight > 0 and steps < MOST_LEAVING do
    local of_weighted = part_now(weighted, minimal, part_of_both(false))
    local of_minimal = part_now(minimal, weighted, part_of_both(true))
    local weighted_needs = of_weighted == 0 and math.huge or needed(weighted) / of_weighted
    local minimal_needs = of_minimal == 0 and math.huge or needed(minimal) / of_minimal
    local served = max(0, min(left, min(weighted_needs, minimal_needs)))
    serve(clock, weighted, served * of_weighted, weighted_needs <= served)
    serve(clock, minimal, served * of_minimal, minimal_needs <= served)
    weighted_busy = weighted_busy + (of_weighted == 0 and 0 or served)
    minimal_busy = minimal_busy + (of_minimal == 0 and 0 or served)
    left = left - served
    steps = steps + 1
    next_of(weighted)
    next_of(minimal)
  end
  if weighted_busy > 0 then
    fair_lane.average(weighted, weighted_before, weighted_busy, weighted_busy / per_us, SMOOTHING_US)
  end
  if minimal_busy > 0 then
    fair_lane.average(minimal, minimal_before, minimal_busy, minimal_busy / per_us, SMOOTHING_US)
  end
  return weighted.weight + minimal.weight == 0 and 0 or left
end

local function empty_lane(tags)
  return { tags = tags, virtual = 0, weight = 0, pace = 0 }
end

-- The clock of an empty pool, which owes no client anything.
local function empty_clock(tags, minimal_tags, members, now)
  redis.call('UNLINK', tags, minimal_tags, members)
  return {
    members = members,
    weighted = empty_lane(tags),
    minimal = empty_lane(minimal_tags),
    at = now,
    undrained = 0,
    forgiven = 0,
  }
end

-- Lets time pass. The clock may have been believed_us ahead of now; used permits are in use of the pool then.
local function advance_clock(clock, now, believed_us, per_us, used)
  if clock.at - now > believed_us then
    clock.at = now
  end
  if now > clock.at then
    local permits = clock.undrained + (now - clock.at) * per_us
    local repaid = min(clock.forgiven, permits * REPAID)
    clock.forgiven = min(clock.forgiven - repaid, used)
    clock.undrained = drain(clock, permits - repaid, per_us)
    clock.at = now
    fair_lane.rebase(clock.weighted, LARGEST_VIRTUAL)
    fair_lane.rebase(clock.minimal, LARGEST_VIRTUAL)
  end
end

-- The part of the capacity for a member of a lane: now or on fair_lane.average of late, whichever is more; at most 1.
local function share_of(clock, is_minimal, weight, sum, is_shared)
  local part = is_shared and part_of_both(is_minimal) or 1
  return min(1, max(part * weight / sum, lane_of(clock, is_minimal).pace * weight))
end

return {
  lane_of = lane_of,
  empty = empty_clock,
  advance = advance_clock,
  share_of = share_of,
}
