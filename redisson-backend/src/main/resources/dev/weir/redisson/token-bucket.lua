-- A token bucket, kept as a meter of what is missing from it. The twin of TokenBucket.java, which explains it, and of
-- State.Bucket. A leaky bucket is the same under another name.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines token_bucket
-- units       tick is the code of a tick, rate units drain per tick, unit units make a permit; limit.capacity is the burst
--             in permits, limit.period_us the period; state.used is in units; at, now and ..._after are microseconds

local token_bucket = {}
KINDS[TOKEN_BUCKET] = token_bucket

local function bucket(numbers, used, at)
  return { kind = TOKEN_BUCKET, tick = numbers.tick, rate = numbers.rate, unit = numbers.unit, used = used, at = at }
end

-- The state, drained by its own rate up to now; only whole ticks count.
local function drained(state, now)
  if now <= state.at then
    return state
  end
  local tick_us = TICK_US[state.tick]
  local ticks = floor_div(now - state.at, tick_us)
  if ticks >= ceil_div(state.used, state.rate) then
    return bucket(state, 0, now)
  end
  return bucket(state, state.used - ticks * state.rate, state.at + ticks * tick_us)
end

function token_bucket.permits_used(state, now)
  return ceil_div(drained(state, now).used, state.unit)
end

function token_bucket.at(state, at)
  return bucket(state, state.used, at)
end

function token_bucket.continues(state, earlier)
  return state.tick == earlier.tick
    and state.rate == earlier.rate
    and state.unit == earlier.unit
    and state.used == drained(earlier, state.at).used
end

function token_bucket.is_empty(state)
  return state.used == 0
end

-- Permits and rest / of_unit of one, in units, rounded up and at most a bucket full.
local function units_of(limit, whole_permits, rest, of_unit)
  if whole_permits >= limit.capacity then
    return limit.capacity * limit.unit
  end
  local fraction = limit.unit
  if rest == 0 or rest <= floor_div(EXACT, limit.unit) then
    fraction = ceil_div(rest * limit.unit, of_unit)
  end
  return whole_permits * limit.unit + fraction
end

local function is_of_numbers(limit, state)
  return state.unit == limit.unit and state.rate == limit.rate and state.tick == limit.tick
end

function token_bucket.advance(limit, state, now)
  if not state or is_empty(state) then
    return bucket(limit, 0, now)
  end
  local seen = believed(state, now, limit.period_us)
  if seen.kind ~= TOKEN_BUCKET then
    return bucket(limit, units_of(limit, permits_used(seen, now), 0, 1), now)
  end
  local left = drained(seen, now)
  if is_of_numbers(limit, left) then
    local full = limit.capacity * limit.unit
    return left.used <= full and left or bucket(limit, full, left.at)
  end
  local rest = fmod(left.used, left.unit)
  local used = units_of(limit, (left.used - rest) / left.unit, rest, left.unit)
  -- The part of an old tick that has passed is forfeit: it must not drain at the new rate.
  return bucket(limit, used, max(left.at, now))
end

function token_bucket.remaining(limit, advanced)
  return floor_div(limit.capacity * limit.unit - advanced.used, limit.unit)
end

function token_bucket.charge(limit, advanced, cost)
  return bucket(limit, advanced.used + cost * limit.unit, advanced.at)
end

local function drain_us(limit, units, advanced, now)
  return ceil_div(units, limit.rate) * TICK_US[limit.tick] - (now - advanced.at)
end

function token_bucket.retry_after(limit, advanced, now, cost)
  local excess = cost * limit.unit - (limit.capacity * limit.unit - advanced.used)
  return excess <= 0 and 0 or drain_us(limit, excess, advanced, now)
end

function token_bucket.reset_after(limit, advanced, now)
  return advanced.used == 0 and 0 or drain_us(limit, advanced.used, advanced, now)
end

-- What has drained of a charge cannot be told from the rest: it is taken to have drained alone, each tick that began since.
function token_bucket.without(limit, stored, cost, charged_at, now)
  local ticks = ceil_div(now - charged_at, TICK_US[limit.tick])
  local has_drained = ticks >= ceil_div(cost * limit.unit, limit.rate)
  if has_drained or stored.kind ~= TOKEN_BUCKET or not is_of_numbers(limit, stored) then
    return stored
  end
  local left = drained(stored, now)
  return bucket(limit, max(0, left.used - (cost * limit.unit - ticks * limit.rate)), left.at)
end
