-- A fixed window: a count that starts again at 0 with each window, windows aligned to the epoch. The twin of
-- FixedWindow.java, which explains it, and of State.Window.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines fixed_window
-- units       period_us is the window's length, limit.capacity its permits, state.used permits; at, now and ..._after are
--             microseconds

local fixed_window = {}
KINDS[FIXED_WINDOW] = fixed_window

do -- What is local here takes none of the locals that Lua gives a script.
local function window(numbers, used, window_at)
  return { kind = FIXED_WINDOW, period_us = numbers.period_us, used = used, at = window_at }
end

function fixed_window.permits_used(state, now)
  return now < state.at + state.period_us and state.used or 0
end

-- When the window begins in which a time lies, of a limit or a state.
local function window_of(numbers, now)
  return now - fmod(now, numbers.period_us)
end

function fixed_window.fits_after(state, permits, now)
  return state.used <= permits and 0 or max(0, state.at + state.period_us - now)
end

function fixed_window.drained(state, now)
  return now < state.at + state.period_us and state or window(state, 0, window_of(state, now))
end

-- Windows stay aligned to the epoch.
function fixed_window.at(state, now)
  return window(state, state.used, window_of(state, now))
end

function fixed_window.is_empty(state)
  return state.used == 0
end

function fixed_window.advance(limit, state, now)
  if not state or is_empty(state) then
    return window(limit, 0, window_of(limit, now))
  end
  -- If the clock went back into an earlier window, the later one goes on.
  return drained_state(believed(state, now, limit.period_us), now)
end

-- Use counted in other windows counts in this one.
function fixed_window.charge(limit, advanced, now, cost)
  if advanced.kind == FIXED_WINDOW and advanced.period_us == limit.period_us then
    return window(limit, advanced.used + cost, advanced.at)
  end
  return window(limit, permits_used(advanced, now) + cost, window_of(limit, now))
end

function fixed_window.returned(state, permits)
  return permits <= state.used and window(state, state.used - permits, state.at) or state
end

-- Only in the window of the charge.
function fixed_window.without(limit, stored, cost, charged_at, now)
  local is_same_window = stored.kind == FIXED_WINDOW
    and stored.period_us == limit.period_us
    and stored.at == window_of(limit, charged_at)
    and stored.at == window_of(limit, now)
  return is_same_window and window(limit, max(0, stored.used - cost), stored.at) or stored
end

end
