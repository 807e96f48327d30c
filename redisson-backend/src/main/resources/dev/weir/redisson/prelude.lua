-- What every algorithm stands on: time, exact whole numbers, and the state of one client under one policy.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines local functions for the parts that follow
-- units       _us is microseconds, _ms milliseconds; a tick is 1 us, 1 ms or 1 s; units are what a permit is cut into
--
-- The twin of State.java and Exact.java. Lua counts in doubles: every number here is whole and at most 2^53, so each
-- sum, product and quotient below is exact. math.ceil(a / b) is too, for a up to 2^53: a quotient that is not whole is
-- further from the next whole number than a double's last bit.

local EXACT = 9007199254740992
local TOKEN_BUCKET, FIXED_WINDOW = 1, 2
local TICK_US = { [0] = 1, [1] = 1000, [2] = 1000000 }

-- kind, code of the tick, rate, unit, used, at: 30 bytes, most significant byte first. 7 bytes hold 2^56.
local STATE = '>BBI7I7I7I7'
local STATE_BYTES = 30

-- Redis's own clock, read once. A test tells the time instead, as microseconds.
local function now_us(told)
  if told ~= '' then
    return tonumber(told)
  end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function ceil_div(dividend, divisor)
  return math.ceil(dividend / divisor)
end

local function floor_div(dividend, divisor)
  return (dividend - math.fmod(dividend, divisor)) / divisor
end

local function is_state(state)
  return TICK_US[state.tick]
    and (state.kind == TOKEN_BUCKET and state.rate >= 1 or state.kind == FIXED_WINDOW)
    and state.rate <= EXACT
    and state.unit >= 1
    and state.unit <= EXACT
    and state.used <= EXACT
    and state.at <= EXACT
end

-- The state under a key: nil if there is none, or none that can be read; and whether it could be read.
local function read_state(key)
  local packed = redis.pcall('GET', key)
  if not packed then
    return nil, true
  end
  if type(packed) ~= 'string' or #packed ~= STATE_BYTES then
    return nil, false
  end
  local state = {}
  state.kind, state.tick, state.rate, state.unit, state.used, state.at = struct.unpack(STATE, packed)
  if not is_state(state) then
    return nil, false
  end
  return state, true
end

-- Keeps a state as long as it differs from none: that is, until the client has its whole limit again. Rounded up, and
-- 1 ms more because Redis's clock for expiry may be a tick ahead of TIME.
local function write_state(key, state, reset_after_us, spare_ms)
  if reset_after_us == 0 then
    redis.call('DEL', key)
    return
  end
  local packed = struct.pack(STATE, state.kind, state.tick, state.rate, state.unit, state.used, state.at)
  redis.call('SET', key, packed, 'PX', string.format('%.0f', ceil_div(reset_after_us, 1000) + 1 + spare_ms))
end

-- A token bucket's state, drained by its own rate up to now; only whole ticks count.
local function drained(state, now)
  if now <= state.at then
    return state
  end
  local tick_us = TICK_US[state.tick]
  local ticks = floor_div(now - state.at, tick_us)
  local emptied = ticks >= ceil_div(state.used, state.rate)
  return {
    kind = state.kind,
    tick = state.tick,
    rate = state.rate,
    unit = state.unit,
    used = emptied and 0 or state.used - ticks * state.rate,
    at = emptied and now or state.at + ticks * tick_us,
  }
end

-- The permits in use by the state's own numbers, rounded up.
local function permits_used(state, now)
  if state.kind == TOKEN_BUCKET then
    return ceil_div(drained(state, now).used, state.unit)
  end
  return now < state.at + state.unit and state.used or 0
end

-- The state as seen by a clock that shows now: not further ahead of it than believed_us.
local function believed(state, now, believed_us)
  if state.at - now <= believed_us then
    return state
  end
  return {
    kind = state.kind,
    tick = state.tick,
    rate = state.rate,
    unit = state.unit,
    used = state.used,
    at = now,
  }
end

-- Whether time alone makes this of an earlier state. If not, it has been converted, clipped or taken back to a clock that
-- was set back, and must be stored even if nothing is charged.
local function continues(state, earlier)
  return state.kind == earlier.kind
    and state.tick == earlier.tick
    and state.rate == earlier.rate
    and state.unit == earlier.unit
    and state.at >= earlier.at
    and (state.kind == FIXED_WINDOW or state.used == drained(earlier, state.at).used)
end
