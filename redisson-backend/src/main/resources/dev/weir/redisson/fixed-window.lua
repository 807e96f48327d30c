-- A fixed window: a count that starts again at 0 with each window, windows aligned to the epoch. The twin of
-- FixedWindow.java, which explains it, and of FixedWindowState.java.
--
-- needs       exact, kinds
-- KEYS, ARGV  none of its own
-- returns     a module: the algorithm, with window_of, permits_at and permits_fit_after beside
-- units       period_us is the window's length, limit.capacity its permits, state.used permits; at, now and ..._after
--             are microseconds

local FIXED_WINDOW = kinds.FIXED_WINDOW
local fmod, max = math.fmod, math.max

local function window(numbers, used, window_at)
  return { kind = FIXED_WINDOW, period_us = numbers.period_us, used = used, at = window_at }
end

local function permits_used(state, now)
  return now < state.at + state.period_us and state.used or 0
end

-- When the window begins in which a time lies, of a limit or a state.
local function window_of(numbers, now)
  return now - fmod(now, numbers.period_us)
end

-- What is used in the window of a time, and when that begins, of what was used in a window that begins at.
local function permits_at(numbers, used, at, now)
  if now < at + numbers.period_us then
    return used, at
  end
  return 0, window_of(numbers, now)
end

-- How long until at most so many permits are in use of what is used in a window that begins at.
local function permits_fit_after(numbers, used, at, permits, now)
  return used <= permits and 0 or max(0, at + numbers.period_us - now)
end

local function fits_after(state, permits, now)
  return permits_fit_after(state, state.used, state.at, permits, now)
end

local function drained(state, now)
  local used, at = permits_at(state, state.used, state.at, now)
  return at == state.at and state or window(state, used, at)
end

local function owing(state, permits)
  return window(state, state.used + math.min(permits, exact.MOST - state.used), state.at)
end

-- Windows stay aligned to the epoch.
local function moved_to(state, now)
  return window(state, state.used, window_of(state, now))
end

local function is_empty(state)
  return state.used == 0
end

local function advance(limit, state, now)
  if not state or kinds.is_empty(state) then
    return window(limit, 0, window_of(limit, now))
  end
  -- If the clock went back into an earlier window, the later one goes on.
  return kinds.drained(kinds.believed(state, now, limit.period_us), now)
end

-- Use counted in other windows counts in this one.
local function charge(limit, advanced, now, cost)
  if advanced.kind == FIXED_WINDOW and advanced.period_us == limit.period_us then
    return window(limit, advanced.used + cost, advanced.at)
  end
  return window(limit, kinds.permits_used(advanced, now) + cost, window_of(limit, now))
end

local function returned(state, permits)
  return permits <= state.used and window(state, state.used - permits, state.at) or state
end

-- Only in the window of the charge.
local function without(limit, stored, cost, charged_at, now)
  local is_same_window = stored.kind == FIXED_WINDOW
    and stored.period_us == limit.period_us
    and stored.at == window_of(limit, charged_at)
    and stored.at == window_of(limit, now)
  return is_same_window and window(limit, max(0, stored.used - cost), stored.at) or stored
end

return {
  permits_used = permits_used,
  fits_after = fits_after,
  drained = drained,
  owing = owing,
  at = moved_to,
  is_empty = is_empty,
  advance = advance,
  charge = charge,
  returned = returned,
  without = without,
  window_of = window_of,
  permits_at = permits_at,
  permits_fit_after = permits_fit_after,
}
