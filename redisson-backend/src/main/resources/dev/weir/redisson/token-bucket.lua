-- A token bucket, kept as a meter of what is missing from it. The twin of TokenBucket.java, which explains it, and of
-- TokenBucketState.java. A leaky bucket is the same under another name.
--
-- needs       exact, holding, kinds
-- KEYS, ARGV  none of its own
-- returns     a module: the algorithm, with keeps, bucket, with_held, drained_units and units_fit_after beside
-- units       tick is the code of a tick, rate units drain per tick, unit units make a permit; limit.capacity is the
--             burst in permits, limit.period_us the period; state.used is in units; at, now and ..._after are
--             microseconds

local ceil_div, floor_div, MOST = exact.ceil_div, exact.floor_div, exact.MOST
local held_permits, TOKEN_BUCKET, TICK_US = holding.permits, kinds.TOKEN_BUCKET, kinds.TICK_US
local fmod, max, min = math.fmod, math.max, math.min

-- held is what of the use is leased, nil if nothing: see holding.lua.
local function bucket(numbers, used, at, held)
  return {
    kind = TOKEN_BUCKET,
    tick = numbers.tick,
    rate = numbers.rate,
    unit = numbers.unit,
    used = used,
    at = at,
    held = held,
  }
end

-- The units that may drain before a lease is given back or ends.
local function drains_of(state)
  local permits = state.held and held_permits(state.held) or 0
  return floor_div(state.used, state.unit) < permits and 0 or state.used - permits * state.unit
end

-- In how much time so many units drain, by a part of a tick at last, rounded up to a microsecond.
local function drain_us(numbers, units)
  local rate, rest = numbers.rate, fmod(units, numbers.rate)
  local us = (units - rest) / rate
  -- Digit by digit in base 1,000: the tick is a power of it, and the whole product could not be counted.
  for _ = 1, numbers.tick do
    local digit = floor_div(rest * 1000, rate)
    us, rest = us * 1000 + digit, fmod(rest * 1000, rate)
  end
  return rest == 0 and us or us + 1
end

-- What is in use later than at, where so many of the units may drain, and since when.
local function drained_units(numbers, used, at, drains, now)
  if now <= at then
    return used, at
  elseif now - at >= drain_us(numbers, drains) then
    return used - drains, now
  end
  local tick_us = TICK_US[numbers.tick]
  local ticks = floor_div(now - at, tick_us)
  return used - ticks * numbers.rate, at + ticks * tick_us
end

-- How long until no more than units of what is used are left, where so many may drain and nothing is taken before.
local function units_fit_after(numbers, used, units, drains)
  return min(ceil_div(used - units, numbers.rate) * TICK_US[numbers.tick], drain_us(numbers, drains))
end

-- Drained up to a time that is not after the end of the epoch.
local function drained_within(state, now)
  if now <= state.at then
    return state
  end
  local used, at = drained_units(state, state.used, state.at, drains_of(state), now)
  return bucket(state, used, at, state.held)
end

-- The state, drained by its own rate up to now, in whole ticks but for the one in which it gets empty. Epoch by epoch:
-- in one step, what is held until the first one's end would refill behind its back.
local function drained(state, now)
  while state.held and held_permits(state.held) > 0 and state.held.epoch_end <= now do
    local held = state.held
    state = drained_within(state, held.epoch_end)
    state = bucket(state, state.used, state.at, holding.next_epoch(held))
  end
  state = drained_within(state, now)
  if state.held and holding.is_over(state.held, now) then
    return bucket(state, state.used, state.at)
  end
  return state
end

-- With so many more permits in use, as many as can be counted.
local function owing(state, permits)
  local tick_us = TICK_US[state.tick]
  local parts_fit = tick_us == 1 or state.rate <= floor_div(MOST, 1000)
  local most = floor_div(MOST, tick_us) * (parts_fit and min(state.rate, tick_us) or 1)
  local room = floor_div(max(0, most - state.used), state.unit)
  return bucket(state, state.used + min(permits, room) * state.unit, state.at, state.held)
end

-- How long after state.at no more than units are in use if nothing is taken before, at most MOST.
local function drains_after(state, units)
  if state.used <= units then
    return 0
  end
  local held = state.held
  local unheld = units_fit_after(state, state.used, units, drains_of(state))
  if not held or held_permits(held) == 0 then
    return unheld
  end
  local epoch_after = held.epoch_end - state.at
  if held_permits(held) <= floor_div(units, state.unit) and unheld <= epoch_after then
    return unheld
  end
  local next = drained(state, held.epoch_end)
  return next.used <= units and epoch_after or min(MOST, next.at - state.at + drains_after(next, units))
end

local function permits_used(state, now)
  return ceil_div((now <= state.at and state or drained(state, now)).used, state.unit)
end

local function fits_after(state, permits, now)
  -- Compared in permits: of other numbers, so many units might not be counted exactly.
  if ceil_div(state.used, state.unit) <= permits then
    return 0
  end
  return max(0, drains_after(state, permits * state.unit) - (now - state.at))
end

local function moved_to(state, now)
  return bucket(state, state.used, now, state.held and holding.later(state.held, now - state.at))
end

local function is_empty(state)
  return state.used == 0 and not state.held
end

-- Permits and rest / of_unit of one, in units, rounded up and at most a bucket full.
local function units_of(limit, whole_permits, rest, of_unit)
  if whole_permits >= limit.capacity then
    return limit.capacity * limit.unit
  end
  local fraction = limit.unit
  if rest == 0 or rest <= floor_div(MOST, limit.unit) then
    fraction = ceil_div(rest * limit.unit, of_unit)
  end
  return whole_permits * limit.unit + fraction
end

local function is_of_numbers(limit, state)
  return state.unit == limit.unit and state.rate == limit.rate and state.tick == limit.tick
end

-- Whether a state is kept in these very numbers.
local function keeps(limit, state)
  return state.kind == TOKEN_BUCKET and is_of_numbers(limit, state)
end

-- A bucket with so much in use. What is leased is in use: with at least that much, as far as it can be counted.
local function with_held(state, used, held)
  if held then
    used = max(used, min(held_permits(held), floor_div(MOST, state.unit)) * state.unit)
  end
  return bucket(state, used, state.at, held)
end

-- In the numbers of a limit, whose burst it fits. The part of a tick that has passed by now is forfeit.
local function converted(limit, from, now)
  local rest = fmod(from.used, from.unit)
  local used = units_of(limit, (from.used - rest) / from.unit, rest, from.unit)
  return bucket(limit, used, max(from.at, now), from.held)
end

-- Whether a limit drains a bucket faster than the bucket's own numbers do, and may: not in coarse ticks.
local function drains_faster(limit, state)
  return limit.tick == 0 and state.tick == 0 and limit.rate / limit.unit > state.rate / state.unit
end

local function advance(limit, state, now)
  if not state or kinds.is_empty(state) then
    return bucket(limit, 0, now)
  end
  local seen = kinds.believed(state, now, limit.period_us)
  local goes_over = seen.kind == TOKEN_BUCKET
    and drains_faster(limit, seen)
    and ceil_div(seen.used, seen.unit) <= limit.capacity
  return kinds.drained(goes_over and converted(limit, seen, seen.at) or seen, now)
end

local function own_bucket(limit, advanced, now)
  if advanced.kind ~= TOKEN_BUCKET then
    return bucket(limit, units_of(limit, kinds.permits_used(advanced, now), 0, 1), now)
  end
  return is_of_numbers(limit, advanced) and advanced or converted(limit, advanced, now)
end

local function charge(limit, advanced, now, cost)
  local own = own_bucket(limit, advanced, now)
  return bucket(limit, own.used + cost * limit.unit, own.at, own.held)
end

-- What has drained of a charge cannot be distinguished from the rest: it is taken to have drained alone, each tick that
-- began since.
local function without(limit, stored, cost, charged_at, now)
  local ticks = ceil_div(now - charged_at, TICK_US[limit.tick])
  local has_drained = ticks >= ceil_div(cost * limit.unit, limit.rate)
  if has_drained or stored.kind ~= TOKEN_BUCKET or not is_of_numbers(limit, stored) then
    return stored
  end
  local left = drained(stored, now)
  return with_held(left, max(0, left.used - (cost * limit.unit - ticks * limit.rate)), left.held)
end

return {
  drained = drained,
  permits_used = permits_used,
  fits_after = fits_after,
  owing = owing,
  at = moved_to,
  is_empty = is_empty,
  keeps = keeps,
  advance = advance,
  charge = charge,
  without = without,
  bucket = bucket,
  with_held = with_held,
  drained_units = drained_units,
  units_fit_after = units_fit_after,
}
