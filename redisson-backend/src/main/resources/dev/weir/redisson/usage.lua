-- The state of one client under one policy, as Redis keeps it.
--
-- needs       exact, holding, kinds, sliding-log, moment, timestamp
-- KEYS, ARGV  none of its own
-- returns     a module: read, write, owe, give_back, to_string and of_string; and for the fast path numbers_of and
--             write_numbers, for that of leases held_numbers_of and write_held
-- units       _us is microseconds, _ms milliseconds
--
-- A sliding log is a list, which its own part reads and writes; every other state is one string of 30 bytes, the most
-- significant byte first: kind and stamp, code of the tick, and four numbers of seven bytes, which hold 2^56. Four more
-- follow while some of a token bucket is leased.

local call, pcall_redis, pack, unpack = redis.call, redis.pcall, struct.pack, struct.unpack
local MOST = exact.MOST

local STATE, STATE_BYTES = '>BBI7I7I7I7', 30
local HELD, HELD_BYTES = '>I7I7I7I7', 28

local function held_to_string(held)
  return held and pack(HELD, held.current, held.next, held.epoch_end, held.closed_until) or ''
end

local function to_string(state)
  local kind, byte = state.kind, kinds.byte_of(state)
  if kind == kinds.TOKEN_BUCKET then
    return pack(STATE, byte, state.tick, state.rate, state.unit, state.used, state.at) .. held_to_string(state.held)
  elseif kind == kinds.FIXED_WINDOW then
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
  local kind, stamp, is_kind = kinds.kind_and_stamp(byte)
  local is_exact = unit >= 1 and unit <= MOST and a <= MOST and used <= MOST and at <= MOST
  local is_state = is_kind and kinds.TICK_US[tick] and is_exact
  if is_state and kind == kinds.TOKEN_BUCKET and a >= 1 then
    local held = has_held and holding.of(unpack(HELD, packed, STATE_BYTES + 1)) or nil
    return { kind = kind, tick = tick, rate = a, unit = unit, used = used, at = at, stamp = stamp, held = held }
  elseif is_state and kind == kinds.FIXED_WINDOW then
    return { kind = kind, period_us = unit, used = used, at = at, stamp = stamp }
  elseif is_state and kind == kinds.SLIDING_WINDOW then
    return { kind = kind, tick = tick, previous = a, unit = unit, current = used, at = at, stamp = stamp }
  end
  return nil
end

-- The state under a key: nil if there is none, or none that can be read; and whether it could be read. The limit in
-- force says what type is looked for first; after it has changed, the other one may be found.
local function read(key, limit)
  local is_log = limit.kind == kinds.SLIDING_LOG
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

-- The numbers of a string, if no timestamp has moved what it holds and nothing of that is leased; else nothing.
local function numbers_of(packed)
  if #packed ~= STATE_BYTES then
    return nil
  end
  return unpack(STATE, packed)
end

-- As numbers_of, and the numbers of what is leased: all 0 if nothing is.
local function held_numbers_of(packed)
  local bytes = #packed
  if bytes ~= STATE_BYTES and bytes ~= STATE_BYTES + HELD_BYTES then
    return nil
  end
  local kind, tick, a, unit, used, at = unpack(STATE, packed)
  if bytes == STATE_BYTES then
    return kind, tick, a, unit, used, at, 0, 0, 0, 0
  end
  return kind, tick, a, unit, used, at, unpack(HELD, packed, STATE_BYTES + 1)
end

-- Rounded up, and 1 ms more because Redis's clock for expiry may be a tick ahead of TIME.
local function ttl_ms(lives_us)
  return exact.ceil_div(lives_us, 1000) + 1 + moment.spare_ms
end

-- Keeps what numbers_of reads, until the client has its whole limit again, as write does.
local function write_numbers(key, kind, tick, a, unit, used, at, reset_after_us)
  if reset_after_us == 0 then
    call('DEL', key)
    return
  end
  call('SET', key, pack(STATE, kind, tick, a, unit, used, at), 'PX', ttl_ms(reset_after_us))
end

-- Keeps a token bucket in the numbers of a limit, of which some is leased, as write does.
local function write_held(key, limit, used, at, current, next, epoch_end, reset_after_us)
  local state = pack(STATE, limit.kind, limit.tick, limit.rate, limit.unit, used, at)
  call('SET', key, state .. pack(HELD, current, next, epoch_end, 0), 'PX', ttl_ms(reset_after_us))
end

-- Keeps a state as long as it differs from none: that is, until the client has its whole limit again and no request
-- waits for leases to end, and for the time of its stamp. Nothing is in use when reset_after is 0; what a timestamp has
-- moved then stays as it is stored, which says so by itself.
local function write(key, state, reset_after_us, ahead_us)
  local closed_us = state.held and math.max(0, state.held.closed_until - moment.now) or 0
  local used_us = reset_after_us + ahead_us
  local lives_us = (used_us < closed_us and closed_us > 0) and closed_us or used_us
  local lives_ms = ttl_ms(lives_us + timestamp.kept_us(state.stamp))
  if reset_after_us == 0 and closed_us == 0 then
    if not state.stamp then
      call('DEL', key)
    end
  elseif state.kind == kinds.SLIDING_LOG then
    sliding_log.write(key, state)
    call('PEXPIRE', key, lives_ms)
  else
    call('SET', key, to_string(state), 'PX', lives_ms)
  end
end

-- Charges what was admitted elsewhere to the state under a key, whatever is left.
local function owe(key, limit, cost)
  local now, found, stamp = moment.now, read(key, limit), nil
  local counts = now
  if found and found.stamp then
    found, counts, stamp = timestamp.placed(limit, found, now, nil, now)
  end
  local state = kinds.owing(limit, limit.algorithm.advance(limit, found, counts), counts, cost)
  state.stamp = stamp
  write(key, state, kinds.reset_after_of(state, counts), counts - now)
end

-- Takes a charge out of the state under a key, as far as it still shows there. If the clock has gone back, or callers'
-- timestamps have a say, what time has given back meanwhile cannot be known.
local function give_back(key, limit, cost, charged_at)
  local now = moment.now
  local stored = read(key, limit)
  if stored and not stored.stamp and stored.at <= now and charged_at <= now then
    local left = limit.algorithm.without(limit, stored, cost, charged_at, now)
    if left ~= stored then
      write(key, left, math.max(0, kinds.reset_after_of(left, now)), 0)
    end
  end
end

return {
  read = read,
  write = write,
  owe = owe,
  give_back = give_back,
  to_string = to_string,
  of_string = of_string,
  numbers_of = numbers_of,
  write_numbers = write_numbers,
  held_numbers_of = held_numbers_of,
  write_held = write_held,
}
