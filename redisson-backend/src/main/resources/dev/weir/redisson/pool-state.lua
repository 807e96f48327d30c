-- A pool as Redis keeps it.
--
-- needs       exact, kinds, token-bucket, moment, usage, fair-clock
-- KEYS, ARGV  none of its own
-- returns     a module: per_us_of, stored_meter, read, take_up_again and write
-- units       microseconds, permits
--
-- Its keys are four:
--   1      the pool's state
--   2, 3   sorted sets of the clients that have something in it: those with a weight, and those of weight 0
--   4      a hash of what else is remembered of them
--
-- The pool's state is a token bucket's, as usage.lua packs it, and 69 bytes more: until when the clock has gone, what
-- it has not drained yet, what is forgiven, and of each lane its virtual time, weight and pace. It lives until the pool
-- is empty, and then nothing else is worth anything: the other keys may live a minute longer, and are deleted when the
-- pool is next asked.

local call = redis.call

local CLEANED_AFTER_MS = 60000
local CLOCK, CLOCK_BYTES = '>I7dddI7ddI7d', 69

-- The permits that come free per microsecond.
local function per_us_of(limit)
  return limit.rate / (limit.unit * kinds.TICK_US[limit.tick])
end

-- The meter as it is kept; with all that is kept, and how much of that is the meter.
local function stored_meter(keys)
  local packed = call('GET', keys[1])
  local bytes = packed and #packed - CLOCK_BYTES or 0
  return bytes > 0 and usage.of_string(string.sub(packed, 1, bytes)) or nil, packed, bytes
end

-- A meter as time alone has made it: it goes over to the numbers of a limit only when that charges it.
local function advance_meter(limit, stored, now)
  if not stored or kinds.is_empty(stored) then
    return token_bucket.advance(limit, nil, now)
  end
  return kinds.drained(kinds.believed(stored, now, limit.period_us), now)
end

-- The pool as it is at a time.
local function read(keys, limit)
  local now = moment.now
  local stored, packed, meter_bytes = stored_meter(keys)
  local meter = advance_meter(limit, stored, now)
  if meter.used == 0 then
    return { keys = keys, limit = limit, meter = meter, clock = fair_clock.empty(keys[2], keys[3], keys[4], now) }
  end
  local at, undrained, forgiven, virtual, weight, pace, minimal_virtual, minimal_weight, minimal_pace =
    struct.unpack(CLOCK, packed, meter_bytes + 1)
  local clock = {
    members = keys[4],
    weighted = { tags = keys[2], virtual = virtual, weight = weight, pace = pace },
    minimal = { tags = keys[3], virtual = minimal_virtual, weight = minimal_weight, pace = minimal_pace },
    at = at,
    undrained = undrained,
    forgiven = forgiven,
  }
  fair_clock.advance(clock, now, limit.period_us, per_us_of(limit), meter.used / meter.unit)
  return { keys = keys, limit = limit, meter = meter, clock = clock }
end

-- A pool that was just decided on, as it is for the next: under another limit perhaps, or empty.
local function take_up_again(pool, limit)
  local keys, now = pool.keys, moment.now
  if limit ~= pool.limit or pool.meter.used == 0 then
    pool.limit, pool.meter = limit, advance_meter(limit, pool.meter, now)
  end
  if pool.meter.used == 0 then
    pool.clock = fair_clock.empty(keys[2], keys[3], keys[4], now)
  end
end

local function write(pool)
  local keys, meter, clock = pool.keys, pool.meter, pool.clock
  if meter.used == 0 then
    call('DEL', keys[1])
    return
  end
  local weighted, minimal = clock.weighted, clock.minimal
  local lives_ms = exact.ceil_div(kinds.reset_after_of(meter, moment.now), 1000) + 1 + moment.spare_ms
  local packed = struct.pack(
    CLOCK,
    clock.at,
    clock.undrained,
    clock.forgiven,
    weighted.virtual,
    weighted.weight,
    weighted.pace,
    minimal.virtual,
    minimal.weight,
    minimal.pace
  )
  call('SET', keys[1], usage.to_string(meter) .. packed, 'PX', lives_ms)
  for i = 2, 4 do
    call('PEXPIRE', keys[i], lives_ms + CLEANED_AFTER_MS)
  end
end

return {
  per_us_of = per_us_of,
  stored_meter = stored_meter,
  read = read,
  take_up_again = take_up_again,
  write = write,
}
