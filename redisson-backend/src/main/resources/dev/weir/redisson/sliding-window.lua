-- A sliding window of two counters, windows aligned to the epoch. The twin of SlidingWindow.java, which explains it, and of
-- State.Sliding.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines sliding_window
-- units       tick is the code of a tick, unit the window's length in ticks, limit.period_us the same in microseconds;
--             limit.capacity, state.current and state.previous are permits; at, now and ..._after are microseconds

local sliding_window = {}
KINDS[SLIDING_WINDOW] = sliding_window

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

-- The state as of the window that begins at window_at, which is no earlier one.
local function moved(state, window_at)
  local windows = floor_div(window_at - state.at, state.unit * TICK_US[state.tick])
  if windows == 0 then
    return state
  end
  return sliding(state, 0, windows == 1 and state.current or 0, window_at)
end

-- The window before, by the part of it that a period looking back from now still covers; rounded up.
local function weighted(state, now)
  local elapsed_ticks = floor_div(max(0, now - state.at), TICK_US[state.tick])
  return ceil_div(state.previous * (state.unit - elapsed_ticks), state.unit)
end

function sliding_window.permits_used(state, now)
  local period_us = state.unit * TICK_US[state.tick]
  local as_of_now = moved(state, state.at + floor_div(max(0, now - state.at), period_us) * period_us)
  return as_of_now.current + weighted(as_of_now, now)
end

function sliding_window.at(state, at)
  return sliding(state, state.current, state.previous, at)
end

function sliding_window.continues(state, earlier)
  return state.tick == earlier.tick and state.unit == earlier.unit
end

function sliding_window.is_empty(state)
  return state.current == 0 and state.previous == 0
end

local function window_of(limit, now)
  return now - fmod(now, limit.period_us)
end

local function is_of_numbers(limit, state)
  return state.tick == limit.tick and state.unit == limit.unit
end

function sliding_window.advance(limit, state, now)
  local window_at = window_of(limit, now)
  if not state or is_empty(state) then
    return sliding(limit, 0, 0, window_at)
  end
  local seen = believed(state, now, limit.period_us)
  if seen == state and state.kind == SLIDING_WINDOW and is_of_numbers(limit, state) then
    return moved(state, max(window_at, state.at))
  end
  return sliding(limit, min(limit.capacity, permits_used(seen, now)), 0, window_at)
end

function sliding_window.remaining(limit, advanced, now)
  return max(0, limit.capacity - advanced.current - weighted(advanced, now))
end

function sliding_window.charge(limit, advanced, cost)
  return sliding(limit, advanced.current + cost, advanced.previous, advanced.at)
end

function sliding_window.returned(limit, state, permits)
  return permits <= state.current and sliding(limit, state.current - permits, state.previous, state.at) or state
end

-- Ticks into a window until the part of previous that still counts is at most free.
local function until_covers(limit, free, previous)
  return previous <= free and 0 or limit.unit - floor_div(free * limit.unit, previous)
end

function sliding_window.retry_after(limit, advanced, now, cost)
  if cost <= sliding_window.remaining(limit, advanced, now) then
    return 0
  end
  local free = limit.capacity - advanced.current - cost
  local wait_ticks = free >= 0 and until_covers(limit, free, advanced.previous)
    or limit.unit + until_covers(limit, limit.capacity - cost, advanced.current)
  return advanced.at + wait_ticks * TICK_US[limit.tick] - now
end

function sliding_window.reset_after(limit, advanced, now)
  if is_empty(advanced) then
    return 0
  end
  return advanced.at + (advanced.current == 0 and 1 or 2) * limit.period_us - now
end

-- Only in the window of the charge: in the next it counts by a part that cannot be told from the rest.
function sliding_window.without(limit, stored, cost, charged_at, now)
  local is_same_window = stored.kind == SLIDING_WINDOW
    and is_of_numbers(limit, stored)
    and stored.at == window_of(limit, charged_at)
    and stored.at == window_of(limit, now)
  return is_same_window and sliding(limit, max(0, stored.current - cost), stored.previous, stored.at) or stored
end
