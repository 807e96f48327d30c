-- A sliding log: what was permitted in the last period, moment by moment. The twin of SlidingLog.java, which explains
-- it, and of SlidingLogState.java.
--
-- needs       exact, kinds
-- KEYS, ARGV  none of its own
-- returns     a module: the algorithm, with read and write beside
-- units       period_us is the window's length; limit.capacity and totals are permits; at, now and ..._after are
--             microseconds
--
-- It is kept as a list, oldest entry first: when, and the total of all permits up to and with that entry. The last
-- element is no entry but the tail: kind and stamp, period, at, and the total up to the first entry. Times and totals
-- grow along the list, so a decision reads as many elements as the logarithm of its length, wherever it looks; a charge
-- writes its entry and the tail, and drops what is over. A total starts again whenever the list is empty, and stays
-- below 2^53 for 28 years of 10,000 permits each millisecond.
--
-- A state here is the part of the list from state.first up to, not with, state.stop, whose entries are not copied; and
-- state.last, if set, one more entry behind it that is not in the list yet.

local SLIDING_LOG = kinds.SLIDING_LOG
local call, pack, unpack = redis.call, struct.pack, struct.unpack
local MOST, max, min = exact.MOST, math.max, math.min

local MOST_USED = 20000

local ENTRY, ENTRY_BYTES = '>I7I7', 14
local TAIL, TAIL_BYTES = '>BI7I7I7', 22

local function log(period_us, at)
  return { kind = SLIDING_LOG, period_us = period_us, at = at, first = 0, stop = 0, base = 0 }
end

-- The same entries, under another period and time.
local function relabelled(state, period_us, at)
  local copy = log(period_us, at)
  copy.key, copy.first, copy.stop, copy.base, copy.last = state.key, state.first, state.stop, state.base, state.last
  return copy
end

local function entry(state, index)
  local at, total = unpack(ENTRY, call('LINDEX', state.key, index))
  return { at = at, total = total }
end

local function last_entry(state)
  return state.last or state.stop > state.first and entry(state, state.stop - 1) or nil
end

-- The index of the first entry in the list that has its field above a bound; or state.stop. The oldest is looked at
-- before the others, because most often it is the one.
local function first_above(state, field, bound)
  local low, high, middle = state.first, state.stop, state.first
  while low < high do
    if entry(state, middle)[field] > bound then
      high = middle
    else
      low = middle + 1
    end
    middle = math.floor((low + high) / 2)
  end
  return low
end

local function used(state)
  local last = last_entry(state)
  return last and last.total - state.base or 0
end

-- The state without the entries up to and including us.
local function since(state, us)
  local first = first_above(state, 'at', us)
  if first == state.first then
    return state
  end
  local left = relabelled(state, state.period_us, state.at)
  left.first, left.base = first, entry(state, first - 1).total
  return left
end

-- The state with cost more permits taken at its time.
local function plus(state, cost)
  local more = relabelled(state, state.period_us, state.at)
  local last = last_entry(state)
  if not last then
    more.base = 0
  elseif not state.last and last.at == state.at then
    more.stop = state.stop - 1 -- Entries of one moment are one: this takes the other's place.
  end
  more.last = { at = state.at, total = (last and last.total or 0) + cost }
  return more
end

-- The state under a key that holds a list, whose tail is given; nil if it is none of ours.
local function read(key, tail)
  if #tail ~= TAIL_BYTES then
    return nil
  end
  local byte, period_us, at, base = unpack(TAIL, tail)
  local kind, stamp, is_kind = kinds.kind_and_stamp(byte)
  local state = log(period_us, at)
  state.stamp = stamp
  state.key, state.stop, state.base = key, call('LLEN', key) - 1, base
  if not is_kind or kind ~= SLIDING_LOG or period_us < 1 or period_us > MOST or at > MOST or state.stop < 1 then
    return nil
  end
  return state
end

local function write(key, state)
  if state.stop == state.first then
    call('DEL', key)
  else
    call('LTRIM', key, state.first, state.stop - 1)
  end
  if state.last then
    call('RPUSH', key, pack(ENTRY, state.last.at, state.last.total))
  end
  call('RPUSH', key, pack(TAIL, kinds.byte_of(state), state.period_us, state.at, state.base))
end

local function drained(state, now)
  return relabelled(since(state, now - state.period_us), state.period_us, max(now, state.at))
end

local function permits_used(state, now)
  return used(drained(state, now))
end

-- Until the oldest entries that hold the excess are over: up to the first whose total reaches it.
local function fits_after(state, permits, now)
  local latest = drained(state, now)
  local excess = used(latest) - permits
  if excess <= 0 then
    return 0
  end
  local index = first_above(latest, 'total', latest.base + excess - 1)
  local freeing = index < latest.stop and entry(latest, index) or latest.last
  return freeing.at + latest.period_us - now
end

-- As one entry of its time, with which at most two of the largest logs are in use.
local function owing(state, permits)
  local room = max(0, MOST_USED - used(state))
  return room == 0 and state or plus(state, min(permits, room))
end

-- Moves to an earlier time, and with it every entry that would be later.
local function moved_to(state, at)
  local moved = relabelled(state, state.period_us, at)
  moved.stop = first_above(state, 'at', at - 1)
  if moved.stop < state.stop then
    moved.last = { at = at, total = last_entry(state).total }
  end
  return moved
end

local function is_empty(state)
  return state.first == state.stop and not state.last
end

-- In the numbers of a limit: the entries of another log keep their times, use that was counted otherwise is one entry
-- of now.
local function own_log(limit, advanced, now)
  if advanced.kind == SLIDING_LOG then
    return relabelled(advanced, limit.period_us, max(now, advanced.at))
  end
  local empty, converted = log(limit.period_us, now), kinds.permits_used(advanced, now)
  return converted == 0 and empty or plus(empty, converted)
end

local function advance(limit, state, now)
  if not state or kinds.is_empty(state) then
    return log(limit.period_us, now)
  end
  local seen = kinds.believed(state, now, limit.period_us)
  if seen.kind == SLIDING_LOG and limit.period_us < seen.period_us and used(seen) <= limit.capacity then
    seen = own_log(limit, seen, now)
  end
  return kinds.drained(seen, now)
end

local function charge(limit, advanced, now, cost)
  return plus(own_log(limit, advanced, now), cost)
end

-- From the entry of the moment of the charge; the totals from there on get less, in the list itself.
local function without(limit, stored, cost, charged_at, _)
  if stored.kind ~= SLIDING_LOG or stored.period_us ~= limit.period_us then
    return stored
  end
  local index = first_above(stored, 'at', charged_at - 1)
  local charged = index < stored.stop and entry(stored, index)
  if not charged or charged.at ~= charged_at then
    return stored
  end
  local total_before = index > stored.first and entry(stored, index - 1).total or stored.base
  local less = min(cost, charged.total - total_before)
  for i = index, stored.stop - 1 do
    local lowered = entry(stored, i)
    call('LSET', stored.key, i, pack(ENTRY, lowered.at, lowered.total - less))
  end
  local left = relabelled(stored, stored.period_us, stored.at)
  if charged.total - less == total_before then
    call('LSET', stored.key, index, '') -- No entry is empty: so this one is found again.
    call('LREM', stored.key, 1, '')
    left.stop = stored.stop - 1
  end
  return left
end

return {
  read = read,
  write = write,
  drained = drained,
  permits_used = permits_used,
  fits_after = fits_after,
  owing = owing,
  at = moved_to,
  is_empty = is_empty,
  advance = advance,
  charge = charge,
  without = without,
}
