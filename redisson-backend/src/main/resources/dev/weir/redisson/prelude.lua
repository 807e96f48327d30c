-- What every algorithm stands on: time, exact whole numbers, and what all states have in common.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines local functions for the parts that follow, and KINDS, to which each algorithm adds itself
-- units       _us is microseconds, _ms milliseconds; a tick is 1 us, 1 ms or 1 s; units are what a permit is cut into
--
-- The twin of State.java and Exact.java. Lua counts in doubles: every number here is whole and at most 2^53, so each
-- sum, product and quotient below is exact. math.ceil(a / b) is too, for a up to 2^53: a quotient that is not whole is
-- further from the next whole number than a double's last bit.

local call, pcall_redis = redis.call, redis.pcall
local pack, unpack = struct.pack, struct.unpack
local ceil, fmod, max, min = math.ceil, math.fmod, math.max, math.min

local EXACT = 9007199254740992
local TOKEN_BUCKET, FIXED_WINDOW, SLIDING_WINDOW, SLIDING_LOG = 1, 2, 3, 4
local TICK_US = { [0] = 1, [1] = 1000, [2] = 1000000 }

-- A kind is kept in one byte with a state's stamp, which timestamp.lua explains; 0 is none.
local KINDS_TO_A_STAMP, LARGEST_STAMP = 8, 28

local function byte_of(state)
  return state.kind + KINDS_TO_A_STAMP * (state.stamp or 0)
end

local function kind_and_stamp(byte)
  local kind = fmod(byte, KINDS_TO_A_STAMP)
  local stamp = (byte - kind) / KINDS_TO_A_STAMP
  return kind, stamp > 0 and stamp or nil, stamp <= LARGEST_STAMP
end

-- By kind, the algorithm that keeps states of it. Each has, as in Java: advance, charge and without, which take a limit and a
-- state of any kind; permits_used, fits_after, drained, at and is_empty, which take a state of its kind alone.
local KINDS = {}

-- Redis's own clock, read once. A test tells the time instead, as microseconds.
local function now_us(told)
  if told ~= '' then
    return tonumber(told)
  end
  local time = call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function ceil_div(dividend, divisor)
  return ceil(dividend / divisor)
end

local function floor_div(dividend, divisor)
  return (dividend - fmod(dividend, divisor)) / divisor
end

local function is_empty(state)
  return KINDS[state.kind].is_empty(state)
end

-- The permits in use by the state's own numbers, rounded up.
local function permits_used(state, now)
  return KINDS[state.kind].permits_used(state, now)
end

-- The state as seen by a clock that shows now: not further ahead of it than believed_us.
local function is_believed(state, now, believed_us)
  return state.at - now <= believed_us
end

local function believed(state, now, believed_us)
  return is_believed(state, now, believed_us) and state or KINDS[state.kind].at(state, now)
end

-- How long until at most so many permits are in use by the state's own numbers, if none are taken before.
local function fits_after(state, permits, now)
  return KINDS[state.kind].fits_after(state, permits, now)
end

-- The state as time alone has made it by now, by its own numbers.
local function drained_state(state, now)
  return KINDS[state.kind].drained(state, now)
end

-- The permits that can be taken under a limit, given a state that it has advanced to now; never negative.
local function remaining_of(limit, advanced, now)
  return max(0, limit.capacity - permits_used(advanced, now))
end

-- How long until a cost, at most the limit's capacity, passes.
local function retry_after_of(limit, advanced, now, cost)
  return fits_after(advanced, limit.capacity - cost, now)
end

-- How long until the client has its whole limit again.
local function reset_after_of(advanced, now)
  return fits_after(advanced, 0, now)
end
