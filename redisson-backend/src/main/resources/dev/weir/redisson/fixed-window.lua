-- A fixed window: a count that starts again at 0 with each window, windows aligned to the epoch. The twin of
-- FixedWindow.java, which explains it, and of State.Window.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines fixed_window
-- units       period_us is the window's length, limit.capacity its permits, state.used permits; at, now and ..._after are
--             microseconds

local fixed_window = {}
KINDS[FIXED_WINDOW] = fixed_window

local function window(numbers, used, window_at)
  return { kind = FIXED_WINDOW, period_us = numbers.period_us, used = used, at = window_at }
end

function fixed_window.permits_used(state, now)
  return now < state.at + state.period_us and state.used or 0
end

function fixed_window.at(state, at)
  return window(state, state.used, at)
end

function fixed_window.continues(state, earlier)
  return state.period_us == earlier.period_us
end

function fixed_window.is_empty(state)
  return state.used == 0
end

local function window_of(limit, now)
  return now - fmod(now, limit.period_us)
end

function fixed_window.advance(limit, state, now)
  local window_at = window_of(limit, now)
  if not state or is_empty(state) then
    return window(limit, 0, window_at)
  end
  local is_later_window = state.kind == FIXED_WINDOW
    and state.period_us == limit.period_us
    and state.at > now
    and state.at - now <= limit.period_us
  if is_later_window then
    return state -- The clock went back into an earlier window: the later one goes on.
  end
  return window(limit, permits_used(believed(state, now, limit.period_us), now), window_at)
end

function fixed_window.remaining(limit, advanced)
  return max(0, limit.capacity - advanced.used)
end

function fixed_window.charge(limit, advanced, cost)
  return window(limit, advanced.used + cost, advanced.at)
end

function fixed_window.returned(limit, state, permits)
  return permits <= state.used and window(limit, state.used - permits, state.at) or state
end

local function until_next_window(limit, advanced, now)
  return advanced.at + limit.period_us - now
end

function fixed_window.retry_after(limit, advanced, now, cost)
  return cost <= fixed_window.remaining(limit, advanced) and 0 or until_next_window(limit, advanced, now)
end

function fixed_window.reset_after(limit, advanced, now)
  return advanced.used == 0 and 0 or until_next_window(limit, advanced, now)
end

-- Only in the window of the charge.
function fixed_window.without(limit, stored, cost, charged_at, now)
  local is_same_window = stored.kind == FIXED_WINDOW
    and stored.period_us == limit.period_us
    and stored.at == window_of(limit, charged_at)
    and stored.at == window_of(limit, now)
  return is_same_window and window(limit, max(0, stored.used - cost), stored.at) or stored
end
