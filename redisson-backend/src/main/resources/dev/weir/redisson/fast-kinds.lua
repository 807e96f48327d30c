-- States as numbers for the fast path: what is used, since when, and what a sliding window has before. The arithmetic
-- is that of the algorithms; what is left out is the tables, which is what takes time.
--
-- needs       exact, kinds, token-bucket, fixed-window, sliding-window
-- KEYS, ARGV  none of its own
-- returns     a module: by kind, for all but the sliding log, functions of a limit in whose own numbers the state is:
--             begin         used, at and previous of a client that has used nothing
--             is_kept       whether the numbers of a string are those of the limit
--             previous_of   previous, of the number a of a string
--             drained       used, at and previous as time alone has made them by now
--             permits_used  the permits in use at that time, rounded up
--             plus          used after a cost
--             fits_after    how long until at most so many permits are in use, if none are taken before
--             numbers       of what a string holds: tick, a and unit
-- units       used is units of a bucket, permits of a window; at, now and ..._after are microseconds

local ceil_div, max = exact.ceil_div, math.max

local function no_previous()
  return 0
end

local function plus_permits(_, used, cost)
  return used + cost
end

local bucket = { previous_of = no_previous }

function bucket.begin(_, now)
  return 0, now, 0
end

function bucket.is_kept(limit, tick, a, unit)
  return unit == limit.unit and a == limit.rate and tick == limit.tick
end

function bucket.drained(limit, used, at, _, now)
  local left, since = token_bucket.drained_units(limit, used, at, used, now)
  return left, since, 0
end

function bucket.permits_used(limit, used)
  return ceil_div(used, limit.unit)
end

function bucket.plus(limit, used, cost)
  return used + cost * limit.unit
end

function bucket.fits_after(limit, used, at, _, permits, now)
  if ceil_div(used, limit.unit) <= permits then
    return 0
  end
  return max(0, token_bucket.units_fit_after(limit, used, permits * limit.unit, used) - (now - at))
end

function bucket.numbers(limit)
  return limit.tick, limit.rate, limit.unit
end

local fixed = { previous_of = no_previous, plus = plus_permits }

function fixed.begin(limit, now)
  return 0, fixed_window.window_of(limit, now), 0
end

function fixed.is_kept(limit, tick, a, unit)
  return unit == limit.period_us and tick == 0 and a == 0
end

function fixed.drained(limit, used, at, _, now)
  local left, since = fixed_window.permits_at(limit, used, at, now)
  return left, since, 0
end

function fixed.permits_used(_, used)
  return used
end

function fixed.fits_after(limit, used, at, _, permits, now)
  return fixed_window.permits_fit_after(limit, used, at, permits, now)
end

function fixed.numbers(limit)
  return 0, 0, limit.period_us
end

local sliding = { plus = plus_permits }

function sliding.begin(limit, now)
  return 0, sliding_window.window_of(limit, now), 0
end

function sliding.is_kept(limit, tick, _, unit)
  return unit == limit.unit and tick == limit.tick
end

function sliding.previous_of(a)
  return a
end

function sliding.drained(limit, used, at, previous, now)
  return sliding_window.counts_at(limit, used, at, previous, now)
end

function sliding.permits_used(limit, used, at, previous, now)
  return used + sliding_window.covered(limit, previous, at, now)
end

function sliding.fits_after(limit, used, at, previous, permits, now)
  if sliding.permits_used(limit, used, at, previous, now) <= permits then
    return 0
  end
  return at + sliding_window.permits_fit_after(limit, used, previous, permits) - now
end

function sliding.numbers(limit, previous)
  return limit.tick, previous, limit.unit
end

return {
  [kinds.TOKEN_BUCKET] = bucket,
  [kinds.FIXED_WINDOW] = fixed,
  [kinds.SLIDING_WINDOW] = sliding,
}
