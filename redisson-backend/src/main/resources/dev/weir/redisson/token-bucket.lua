-- A token bucket, kept as a meter of what is missing from it. The twin of TokenBucket.java, which explains it.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines token_bucket
-- units       limit.tick is the code of a tick, limit.rate units drain per tick, limit.unit units make a permit,
--             limit.capacity is the burst in permits, limit.period_us the period; at, now and ..._after are microseconds

local token_bucket = {}

function token_bucket.state(limit, used, at)
  return { kind = TOKEN_BUCKET, tick = limit.tick, rate = limit.rate, unit = limit.unit, used = used, at = at }
end

-- Permits and rest / of_unit of one, in units, rounded up and at most a bucket full.
function token_bucket.units_of(limit, whole_permits, rest, of_unit)
  if whole_permits >= limit.capacity then
    return limit.capacity * limit.unit
  end
  local fraction = limit.unit
  if rest == 0 or rest <= floor_div(EXACT, limit.unit) then
    fraction = ceil_div(rest * limit.unit, of_unit)
  end
  return whole_permits * limit.unit + fraction
end

function token_bucket.advance(limit, state, now)
  if not state or state.used == 0 then
    return token_bucket.state(limit, 0, now)
  end
  local seen = believed(state, now, limit.period_us)
  if seen.kind ~= TOKEN_BUCKET then
    return token_bucket.state(limit, token_bucket.units_of(limit, permits_used(seen, now), 0, 1), now)
  end
  local left = drained(seen, now)
  if left.unit == limit.unit and left.rate == limit.rate and left.tick == limit.tick then
    local full = limit.capacity * limit.unit
    return left.used <= full and left or token_bucket.state(limit, full, left.at)
  end
  local rest = math.fmod(left.used, left.unit)
  local used = token_bucket.units_of(limit, (left.used - rest) / left.unit, rest, left.unit)
  -- The part of an old tick that has passed is forfeit: it must not drain at the new rate.
  return token_bucket.state(limit, used, math.max(left.at, now))
end

function token_bucket.remaining(limit, advanced)
  return floor_div(limit.capacity * limit.unit - advanced.used, limit.unit)
end

function token_bucket.charge(limit, advanced, cost)
  return token_bucket.state(limit, advanced.used + cost * limit.unit, advanced.at)
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
