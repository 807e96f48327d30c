-- How much of a limit may be leased, and how a state keeps count of it. The twin of LeaseAccounting.java, which
-- explains it.
--
-- needs       exact, holding, kinds, token-bucket
-- KEYS, ARGV  none of its own
-- returns     a module: most, of a token bucket; lend, lend_of_pool, returned, closes, refused and served
-- units       permits, microseconds

local ceil_div, floor_div, held_permits = exact.ceil_div, exact.floor_div, holding.permits
local max, min = math.max, math.min

local PART, PART_OF_POOL, LEAST_LIFE_US, SECOND_US = 10, 4, 200000, 1000000

local function part_of(permits)
  return floor_div(permits, PART)
end

-- The most permits of a limit that all leases together may hold: a part of it, and no more than comes back in a second.
local function most_of_bucket(limit, part)
  local most = floor_div(limit.capacity, part)
  local ticks = SECOND_US / kinds.TICK_US[limit.tick]
  return limit.rate >= ceil_div(most * limit.unit, ticks) and most or floor_div(limit.rate * ticks, limit.unit)
end

local function most(limit)
  return most_of_bucket(limit, PART)
end

local function most_of_window(limit)
  return min(part_of(limit.capacity), floor_div(limit.capacity, ceil_div(limit.period_us, SECOND_US)))
end

local function life_of(limit, state, now)
  return min(holding.EPOCH_US, state.at + limit.period_us - now)
end

-- The permits that can be lent beside carried ones, which are no longer counted, to one of so many instances.
local function lendable(limit, state, now, carried, instances)
  local remaining = kinds.remaining_of(limit, state, now)
  if remaining == 0 or limit.kind == kinds.SLIDING_LOG then
    return 0
  elseif limit.kind == kinds.TOKEN_BUCKET then
    local all = holding.is_closed(state.held, now) and 0 or most(limit)
    return max(0, min(remaining, all - (state.held and held_permits(state.held) or 0) - carried))
  end
  local own = limit.algorithm.charge(limit, state, now, 0)
  local part = floor_div(min(part_of(remaining), most_of_window(limit)), instances)
  return life_of(limit, own, now) >= LEAST_LIFE_US and max(0, part - carried) or 0
end

local function released(state, lease, epoch)
  if not holding.counts(state.held, lease, epoch) then
    return state
  end
  return token_bucket.bucket(state, state.used, state.at, holding.minus(state.held, lease, epoch))
end

local function lent(limit, free, now, permits, left)
  local total = left + permits
  local charged = limit.algorithm.charge(limit, free, now, permits)
  if limit.kind ~= kinds.TOKEN_BUCKET then
    return charged, total, charged.at, life_of(limit, charged, now)
  end
  local epoch = holding.epoch_of(charged.held, max(now, charged.at))
  local held = holding.plus(charged.held, total, epoch)
  return token_bucket.with_held(charged, charged.used, held), total, epoch, holding.EPOCH_US
end

-- The state; and the lease that the instance has from now on: permits, epoch and life, 0 if it gets nothing and all is
-- as it was.
local function lend(limit, state, now, wanted, lease, lease_epoch, left, instances)
  local free = released(state, lease, lease_epoch)
  local permits = min(wanted, lendable(limit, free, now, left, instances))
  if permits == 0 then
    return state, 0, 0, 0
  end
  return lent(limit, free, now, permits, left)
end

-- As lend, from a pool: room is the most that the client may have beside what it has.
local function lend_of_pool(limit, state, now, wanted, room, lease, lease_epoch, left)
  local free = released(state, lease, lease_epoch)
  local held = free.held and held_permits(free.held) or 0
  local permits = min(min(wanted, room), most_of_bucket(limit, PART_OF_POOL) - held - left)
  if permits <= 0 then
    return state, 0, 0, 0
  end
  return lent(limit, free, now, permits, left)
end

-- Without a lease, whose rest can be used again; in whatever numbers the state is kept, by which it has been drained.
local function returned(state, lease, epoch, left)
  if state.kind == kinds.TOKEN_BUCKET then
    if not holding.counts(state.held, lease, epoch) then
      return state
    end
    local used = state.used - min(left, floor_div(state.used, state.unit)) * state.unit
    return token_bucket.with_held(state, used, holding.minus(state.held, lease, epoch))
  end
  if state.kind == kinds.SLIDING_LOG or epoch ~= state.at then
    return state
  end
  return kinds.algorithms[state.kind].returned(state, left)
end

local function is_large(limit, cost)
  return cost <= limit.capacity and cost > limit.capacity - part_of(limit.capacity)
end

-- Whether a refusal of a cost changes what is leased from now on.
local function closes(limit, state, now, cost)
  local held = state.held
  return held and is_large(limit, cost) and held_permits(held) > 0 and not holding.is_closed(held, now)
end

local function refused(limit, state, now, cost)
  if closes(limit, state, now, cost) then
    return token_bucket.bucket(state, state.used, state.at, holding.closed(state.held))
  end
  return state
end

local function served(limit, state, cost)
  if state.held and is_large(limit, cost) then
    return token_bucket.bucket(state, state.used, state.at, holding.opened(state.held))
  end
  return state
end

return {
  most = most,
  lend = lend,
  lend_of_pool = lend_of_pool,
  returned = returned,
  closes = closes,
  refused = refused,
  served = served,
}
