-- A sliding window of two counters, windows aligned to the epoch. The twin of SlidingWindow.java, which explains it,
-- and of SlidingWindowState.java.
--
-- needs       exact, kinds
-- KEYS, ARGV  none of its own
-- returns     a module: the algorithm, with covered, counts_at, permits_fit_after and window_of
--             beside
-- units       tick is the code of a tick, unit the window's length in ticks, limit.period_us the same in microseconds;
--             limit.capacity, state.current and state.previous are permits; at, now and ..._after are microseconds

local SLIDING_WINDOW = kinds.SLIDING_WINDOW
local ceil_div, floor_div, TICK_US = exact.ceil_div, exact.floor_div, kinds.TICK_US
local fmod, max, min = math.fmod, math.max, math.min

local function sliding(numbers, current, previous, window_at)
  return {
    kind = SLIDING_WINDOW,
    tick = numbers.tick,
    unit = numbers.unit,
    current = current,
    previous = previous,
    at = window_at,
  }
end

-- The window before the one at a time, by the part of it that a period looking back from now still covers; rounded up.
local function covered(numbers, previous, at, now)
  local elapsed_ticks = floor_div(max(0, now - at), TICK_US[numbers.tick])
  return ceil_div(previous * (numbers.unit - elapsed_ticks), numbers.unit)
end

local function period_of(numbers)
  return numbers.unit * TICK_US[numbers.tick]
end

-- What is used in the window of a time, when that begins, and what was used in the one before, of what was used in a
-- window that begins at, and in the one before that.
local function counts_at(numbers, current, at, previous, now)
  local period_us = period_of(numbers)
  local windows = floor_div(max(0, now - at), period_us)
  if windows == 0 then
    return current, at, previous
  end
  return 0, at + windows * period_us, windows == 1 and current or 0
end

local function drained(state, now)
  local current, at, previous = counts_at(state, state.current, state.at, state.previous, now)
  return at == state.at and state or sliding(state, current, previous, at)
end

local function permits_used(state, now)
  local latest = drained(state, now)
  return latest.current + covered(latest, latest.previous, latest.at, now)
end

-- Ticks into a window until the part of previous that still counts is at most free.
local function until_covers(numbers, free, previous)
  return previous <= free and 0 or numbers.unit - floor_div(free * numbers.unit, previous)
end

-- How long after the beginning of a window at most so many permits are in use, if none are taken before.
local function permits_fit_after(numbers, current, previous, permits)
  local free = permits - current
  local ticks = free >= 0 and until_covers(numbers, free, previous)
    or numbers.unit + until_covers(numbers, permits, current)
  return ticks * TICK_US[numbers.tick]
end

local function fits_after(state, permits, now)
  if permits_used(state, now) <= permits then
    return 0
  end
  local latest = drained(state, now)
  return latest.at + permits_fit_after(latest, latest.current, latest.previous, permits) - now
end

local function owing(state, permits)
  local room = max(0, floor_div(exact.MOST, state.unit) - state.current)
  return sliding(state, state.current + min(permits, room), state.previous, state.at)
end

-- Windows stay aligned to the epoch. All that was in use counts in the window of now: in which of the two it was taken
-- cannot be known any more.
local function moved_to(state, now)
  local used = min(state.current + state.previous, floor_div(exact.MOST, state.unit))
  return sliding(state, used, 0, now - fmod(now, period_of(state)))
end

local function is_empty(state)
  return state.current == 0 and state.previous == 0
end

local function window_of(limit, now)
  return now - fmod(now, limit.period_us)
end

local function is_of_numbers(limit, state)
  return state.tick == limit.tick and state.unit == limit.unit
end

local function advance(limit, state, now)
  if not state or kinds.is_empty(state) then
    return sliding(limit, 0, 0, window_of(limit, now))
  end
  return kinds.drained(kinds.believed(state, now, limit.period_us), now)
end

-- Use counted in other windows counts in this one.
local function charge(limit, advanced, now, cost)
  if advanced.kind == SLIDING_WINDOW and is_of_numbers(limit, advanced) then
    return sliding(limit, advanced.current + cost, advanced.previous, advanced.at)
  end
  return sliding(limit, kinds.permits_used(advanced, now) + cost, 0, window_of(limit, now))
end

local function returned(state, permits)
  return permits <= state.current and sliding(state, state.current - permits, state.previous, state.at) or state
end

-- Only in the window of the charge: in the next it counts by a part that cannot be distinguished from the rest.
local function without(limit, stored, cost, charged_at, now)
  local is_same_window = stored.kind == SLIDING_WINDOW
    and is_of_numbers(limit, stored)
    and stored.at == window_of(limit, charged_at)
    and stored.at == window_of(limit, now)
  return is_same_window and sliding(limit, max(0, stored.current - cost), stored.previous, stored.at) or stored
end

return {
  drained = drained,
  permits_used = permits_used,
  fits_after = fits_after,
  owing = owing,
  at = moved_to,
  is_empty = is_empty,
  advance = advance,
  charge = charge,
  returned = returned,
  without = without,
  covered = covered,
  counts_at = counts_at,
  permits_fit_after = permits_fit_after,
  window_of = window_of,
}
