-- How much of a limit may be leased, and how a state keeps count of it. The twin of Lending.java, which explains it.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines lend, lend_of_pool, returned, refused and served
-- units       permits, microseconds
--
-- Stands on bucket and with_held of token-bucket.lua.

local PART, PART_OF_POOL, LEAST_LIFE_US = 10, 4, 200000

local function part_of(permits)
  return floor_div(permits, PART)
end

local function life_of(limit, state, now)
  return min(EPOCH_US, state.at + limit.period_us - now)
end

-- The permits that can be lent beside carried ones, which are no longer counted.
local function lendable(limit, state, now, carried)
  local remaining = limit.algorithm.remaining(limit, state, now)
  if limit.kind == TOKEN_BUCKET then
    local most = is_closed(state.held, now) and 0 or part_of(limit.capacity)
    return max(0, min(remaining, most - (state.held and held_permits(state.held) or 0) - carried))
  end
  local is_long_enough = life_of(limit, state, now) >= LEAST_LIFE_US
  return (limit.kind == SLIDING_LOG or not is_long_enough) and 0 or part_of(remaining)
end

local function released(limit, state, lease, epoch)
  if limit.kind ~= TOKEN_BUCKET or not held_counts(state.held, lease, epoch) then
    return state
  end
  return bucket(state, state.used, state.at, held_minus(state.held, lease, epoch))
end

local function lent(limit, free, now, permits, left)
  local total = left + permits
  local charged = limit.algorithm.charge(limit, free, permits)
  if limit.kind ~= TOKEN_BUCKET then
    return charged, total, charged.at, life_of(limit, charged, now)
  end
  local epoch = epoch_of(charged.held, max(now, charged.at))
  local held = held_plus(charged.held, total, epoch)
  return bucket(charged, with_held(limit, charged.used, held), charged.at, held), total, epoch, EPOCH_US
end

-- The state; and the lease that the instance has from now on: permits, epoch and life, 0 if it gets nothing and all is as it was.
local function lend(limit, state, now, wanted, lease, lease_epoch, left)
  local free = released(limit, state, lease, lease_epoch)
  local permits = min(wanted, lendable(limit, free, now, left))
  if permits == 0 then
    return state, 0, 0, 0
  end
  return lent(limit, free, now, permits, left)
end

-- As lend, from a pool: room is the most that the client may have beside what it has.
local function lend_of_pool(limit, state, now, wanted, room, lease, lease_epoch, left)
  local free = released(limit, state, lease, lease_epoch)
  local held = free.held and held_permits(free.held) or 0
  local permits = min(min(wanted, room), floor_div(limit.capacity, PART_OF_POOL) - held - left)
  if permits <= 0 then
    return state, 0, 0, 0
  end
  return lent(limit, free, now, permits, left)
end

local function returned(limit, state, lease, epoch, left)
  if limit.kind == TOKEN_BUCKET then
    if not held_counts(state.held, lease, epoch) then
      return state
    end
    local held = held_minus(state.held, lease, epoch)
    local used = max(0, state.used - min(left, limit.capacity) * limit.unit)
    return bucket(state, with_held(limit, used, held), state.at, held)
  end
  if limit.kind == SLIDING_LOG or epoch ~= state.at then
    return state
  end
  return limit.algorithm.returned(limit, state, left)
end

local function is_large(limit, cost)
  return cost <= limit.capacity and cost > limit.capacity - part_of(limit.capacity)
end

local function refused(limit, state, now, cost)
  local held = state.held
  if held and is_large(limit, cost) and held_permits(held) > 0 and not is_closed(held, now) then
    return bucket(state, state.used, state.at, held_closed(held))
  end
  return state
end

local function served(limit, state, cost)
  if state.held and is_large(limit, cost) then
    return bucket(state, state.used, state.at, held_opened(state.held))
  end
  return state
end
