-- A fixed window: a count that starts again at 0 with each window, windows aligned to the epoch. The twin of
-- FixedWindow.java, which explains it.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines fixed_window
-- units       limit.period_us is the window's length, limit.capacity its permits; at, now and ..._after are microseconds

local fixed_window = {}

function fixed_window.state(limit, used, window_at)
  return { kind = FIXED_WINDOW, tick = 0, rate = 0, unit = limit.period_us, used = used, at = window_at }
end

function fixed_window.advance(limit, state, now)
  local window_at = now - math.fmod(now, limit.period_us)
  if not state or state.used == 0 then
    return fixed_window.state(limit, 0, window_at)
  end
  local is_later_window = state.kind == FIXED_WINDOW
    and state.unit == limit.period_us
    and state.at > now
    and state.at - now <= limit.period_us
  if is_later_window then
    return state -- The clock went back into an earlier window: the later one goes on.
  end
  return fixed_window.state(limit, permits_used(believed(state, now, limit.period_us), now), window_at)
end

function fixed_window.remaining(limit, advanced)
  return math.max(0, limit.capacity - advanced.used)
end

function fixed_window.charge(limit, advanced, cost)
  return fixed_window.state(limit, advanced.used + cost, advanced.at)
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
