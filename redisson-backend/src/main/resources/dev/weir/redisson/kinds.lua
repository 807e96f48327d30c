-- The kinds of states, and what all states have in common. The twin of State.java, and of what Meter.java has for every
-- limit.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module: the numbers of the kinds, TICK_US, add, algorithms, and what can be asked of a state of any
--             kind
-- units       _us is microseconds; a tick is 1 us, 1 ms or 1 s; a permit is cut into units

local max, min, fmod = math.max, math.min, math.fmod

-- The microseconds of a tick, by its code.
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

-- By kind, the algorithm that keeps states of it. Each has, as in Java: advance, charge and without, which take a limit
-- and a state of any kind; permits_used, fits_after, drained, owing, at and is_empty, which take a state of its kind
-- alone.
local KINDS = {}

local function add(kind, algorithm)
  KINDS[kind] = algorithm
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

-- The state after a cost that was admitted elsewhere, whatever is left.
local function owing_state(limit, advanced, now, cost)
  local fits = min(cost, remaining_of(limit, advanced, now))
  local state = fits == 0 and advanced or limit.algorithm.charge(limit, advanced, now, fits)
  return fits == cost and state or KINDS[state.kind].owing(state, cost - fits)
end

-- How long until a cost, at most the limit's capacity, passes.
local function retry_after_of(limit, advanced, now, cost)
  return fits_after(advanced, limit.capacity - cost, now)
end

-- How long until the client has its whole limit again.
local function reset_after_of(advanced, now)
  return fits_after(advanced, 0, now)
end

return {
  TOKEN_BUCKET = 1,
  FIXED_WINDOW = 2,
  SLIDING_WINDOW = 3,
  SLIDING_LOG = 4,
  TICK_US = TICK_US,
  byte_of = byte_of,
  kind_and_stamp = kind_and_stamp,
  algorithms = KINDS,
  add = add,
  is_empty = is_empty,
  permits_used = permits_used,
  is_believed = is_believed,
  believed = believed,
  drained = drained_state,
  remaining_of = remaining_of,
  owing = owing_state,
  retry_after_of = retry_after_of,
  reset_after_of = reset_after_of,
}
