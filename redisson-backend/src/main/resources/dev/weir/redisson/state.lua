-- The state of one client under one policy, as Redis keeps it.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines read_state and write_state
-- units       _us is microseconds, _ms milliseconds
--
-- A sliding log is a list, which its own part reads and writes; every other state is one string of 30 bytes, the most
-- significant byte first: kind and stamp, code of the tick, and four numbers of seven bytes, which hold 2^56. Four more follow
-- while some of a token bucket is leased.

local STATE, STATE_BYTES = '>BBI7I7I7I7', 30
local HELD, HELD_BYTES = '>I7I7I7I7', 28

local function held_to_string(held)
  return held and pack(HELD, held.current, held.next, held.epoch_end, held.closed_until) or ''
end

local function to_string(state)
  local kind, byte = state.kind, byte_of(state)
  if kind == TOKEN_BUCKET then
    return pack(STATE, byte, state.tick, state.rate, state.unit, state.used, state.at) .. held_to_string(state.held)
  elseif kind == FIXED_WINDOW then
    return pack(STATE, byte, 0, 0, state.period_us, state.used, state.at)
  end
  return pack(STATE, byte, state.tick, state.previous, state.unit, state.current, state.at)
end

-- The state that a string holds; nil if it is none of ours.
local function of_string(packed)
  local has_held = #packed == STATE_BYTES + HELD_BYTES
  if #packed ~= STATE_BYTES and not has_held then
    return nil
  end
  local byte, tick, a, unit, used, at = unpack(STATE, packed)
  local kind, stamp, is_kind = kind_and_stamp(byte)
  local is_state = is_kind and TICK_US[tick] and unit >= 1 and unit <= EXACT and a <= EXACT and used <= EXACT and at <= EXACT
  if is_state and kind == TOKEN_BUCKET and a >= 1 then
    local held = has_held and held_of(unpack(HELD, packed, STATE_BYTES + 1)) or nil
    return { kind = kind, tick = tick, rate = a, unit = unit, used = used, at = at, stamp = stamp, held = held }
  elseif is_state and kind == FIXED_WINDOW then
    return { kind = kind, period_us = unit, used = used, at = at, stamp = stamp }
  elseif is_state and kind == SLIDING_WINDOW then
    return { kind = kind, tick = tick, previous = a, unit = unit, current = used, at = at, stamp = stamp }
  end
  return nil
end

-- The state under a key: nil if there is none, or none that can be read; and whether it could be read. The algorithm in force
-- says what type is looked for first; after it has changed, the other one may be found.
local function read_state(key, is_log)
  local found = is_log and pcall_redis('LINDEX', key, -1) or not is_log and pcall_redis('GET', key)
  if type(found) == 'table' then
    is_log = not is_log
    found = is_log and pcall_redis('LINDEX', key, -1) or not is_log and pcall_redis('GET', key)
  end
  if not found then
    return nil, true
  end
  local state = nil
  if type(found) == 'string' then
    state = is_log and sliding_log.read(key, found) or not is_log and of_string(found) or nil
  end
  return state, state ~= nil
end

-- The server forgets keys by its real clock: where a test tells another time, it must not do so too early.
local TEST_SPARE_MS = 3600000

local function spare_ms_of(told)
  return told == '' and 0 or TEST_SPARE_MS
end

-- Keeps a state as long as it differs from none: that is, until the client has its whole limit again and nobody waits for leases
-- to end, and for the time of its stamp. Rounded up, and 1 ms more because Redis's clock for expiry may be a tick ahead of
-- TIME. Nothing is in use when reset_after is 0; what a timestamp has moved then stays as it is stored, which says so by itself.
local function write_state(key, state, now, reset_after_us, ahead_us, spare_ms)
  local closed_us = state.held and max(0, state.held.closed_until - now) or 0
  local used_us = reset_after_us + ahead_us
  local lives_us = (used_us < closed_us and closed_us > 0) and closed_us or used_us
  local lives_ms = ceil_div(lives_us + kept_us(state.stamp), 1000) + 1 + spare_ms
  if reset_after_us == 0 and closed_us == 0 then
    if not state.stamp then
      call('DEL', key)
    end
  elseif state.kind == SLIDING_LOG then
    sliding_log.write(key, state)
    call('PEXPIRE', key, lives_ms)
  else
    call('SET', key, to_string(state), 'PX', lives_ms)
  end
end
