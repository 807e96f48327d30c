-- Which time counts for a request, where callers give timestamps of their own. The twin of Evaluation.java, which
-- explains it, and of Timestamp.java.
--
-- needs       holding, kinds
-- KEYS, ARGV  none of its own
-- returns     a module: outside, stamp_of, kept_us and placed
-- units       _us is microseconds
--
-- A state that a timestamp has moved carries state.stamp: it counts 2^(stamp - 1) milliseconds longer than until it is
-- empty, which is at least as long as older timestamps are allowed. Other states have none.

local max, min = math.max, math.min

local STALE, FUTURE = -3, -4
local MOST_AHEAD_US = 60000000

-- What a timestamp is if it is too far from the clock, and how long it is too far ahead; nothing if it is not.
local function outside(given_us, max_age_us, max_skew_us, now)
  if given_us - now > max_skew_us then
    return FUTURE, given_us - max_skew_us - now
  elseif now - given_us > max_age_us then
    return STALE, 0
  end
  return nil, 0
end

-- The stamp of a state that timestamps as old as that have moved.
local function stamp_of(max_age_us)
  local _, exponent = math.frexp(max_age_us / 1000)
  return max(0, exponent) + 1
end

local function kept_us(stamp)
  return stamp and 2 ^ (stamp - 1) * 1000 or 0
end

-- Of a request with a timestamp, or a state that one has moved: the state that counts, the time that counts, and the
-- stamp. The caller counts from asked: its timestamp, whose stamp is given, or the clock.
local function placed(limit, state, asked, stamp, now)
  -- A state that is over may expire at any moment: whether it has must make no difference.
  local kept = kept_us(state and state.stamp)
  if not state or kinds.permits_used(state, now - kept) == 0 and not holding.is_closed(state.held, now - kept) then
    return nil, asked, stamp
  end
  -- A timestamp ahead of the clock would end leases that are still being spent.
  local counts = state.held and holding.permits(state.held) > 0 and min(asked, now) or asked
  local ahead = state.at - now
  local is_believed = ahead <= limit.period_us or state.stamp and ahead <= MOST_AHEAD_US
  if state.stamp then
    stamp = max(stamp or 0, state.stamp)
  end
  return state, max(counts, is_believed and state.at or now), stamp
end

return { outside = outside, stamp_of = stamp_of, kept_us = kept_us, placed = placed }
