-- What of a bucket's use is leased, counted by the epoch in which the leases end. The twin of OutstandingLeases.java,
-- which explains it.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module of functions on held, a table of
--             current, next       permits of leases that end with this epoch, and with the next
--             epoch_end           when this epoch ends, by which it is named
--             closed_until        until when no permits are leased; 0 if they are
-- units       microseconds, permits

local EPOCH_US = 1000000

local function held_of(current, next, epoch_end, closed_until)
  if current + next == 0 and closed_until == 0 then
    return nil
  end
  return { current = current, next = next, epoch_end = epoch_end, closed_until = closed_until }
end

local function held_permits(held)
  return held.current + held.next
end

local function is_closed(held, now)
  return held and held.closed_until > now
end

local function held_is_over(held, now)
  return held_permits(held) == 0 and not is_closed(held, now)
end

local function next_epoch(held)
  return held_of(held.next, 0, held.epoch_end + EPOCH_US, held.closed_until)
end

-- As it is by a clock that was set forward, or back.
local function held_later(held, us)
  return held_of(
    held.current,
    held.next,
    held.epoch_end + us,
    held.closed_until == 0 and 0 or held.closed_until + us
  )
end

local function held_closed(held)
  local last_end = held.next > 0 and held.epoch_end + EPOCH_US or held.epoch_end
  return held_of(held.current, held.next, held.epoch_end, last_end + EPOCH_US)
end

local function held_opened(held)
  return held_of(held.current, held.next, held.epoch_end, 0)
end

-- With which epoch a lease ends that is taken now.
local function epoch_of(held, now)
  local lease_end = now + EPOCH_US
  if not held or held_permits(held) == 0 then
    return lease_end
  end
  return lease_end <= held.epoch_end and held.epoch_end or held.epoch_end + EPOCH_US
end

local function held_plus(held, permits, epoch)
  if not held or held_permits(held) == 0 then
    return held_of(permits, 0, epoch, held and held.closed_until or 0)
  elseif epoch == held.epoch_end then
    return held_of(held.current + permits, held.next, held.epoch_end, held.closed_until)
  end
  return held_of(held.current, held.next + permits, held.epoch_end, held.closed_until)
end

local function held_counts(held, permits, epoch)
  return held
    and permits > 0
    and (epoch == held.epoch_end and permits <= held.current
      or epoch == held.epoch_end + EPOCH_US and permits <= held.next)
end

local function held_minus(held, permits, epoch)
  if epoch == held.epoch_end then
    return held_of(held.current - permits, held.next, held.epoch_end, held.closed_until)
  end
  return held_of(held.current, held.next - permits, held.epoch_end, held.closed_until)
end

return {
  EPOCH_US = EPOCH_US,
  of = held_of,
  permits = held_permits,
  is_closed = is_closed,
  is_over = held_is_over,
  next_epoch = next_epoch,
  later = held_later,
  closed = held_closed,
  opened = held_opened,
  epoch_of = epoch_of,
  plus = held_plus,
  counts = held_counts,
  minus = held_minus,
}
