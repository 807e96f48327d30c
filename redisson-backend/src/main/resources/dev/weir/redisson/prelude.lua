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

-- By kind, the algorithm that keeps states of it. Each has, as in Java: advance, remaining, charge, retry_after and
-- reset_after, which take a limit; permits_used, at, continues and is_empty, which take a state of its kind alone.
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
local function believed(state, now, believed_us)
  return state.at - now <= believed_us and state or KINDS[state.kind].at(state, now)
end

-- Whether time alone makes this of an earlier state. If not, it has been converted, clipped or taken back to a clock that
-- was set back, and must be stored even if nothing is charged.
local function continues(state, earlier)
  return state.kind == earlier.kind and state.at >= earlier.at and KINDS[state.kind].continues(state, earlier)
end
