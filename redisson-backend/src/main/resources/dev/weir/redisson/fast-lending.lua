-- Decides most requests for a lease: those on a token bucket whose state is in the limit's own numbers, that no
-- timestamp has moved, that was not closed to leases, whose leases, if any, have not ended, and of which at least one
-- permit can be lent. full-path.lua answers the same, and decides the others.
--
-- needs       exact, holding, kinds, token-bucket, lending, moment, usage, overrides, answer
-- KEYS, ARGV  none of its own
-- returns     a module: lease
-- units       microseconds, permits; used and units are units of a bucket
--
-- What is held is three numbers here: current, next and epoch_end of holding.lua.

local ceil_div, floor_div, MOST = exact.ceil_div, exact.floor_div, exact.MOST
local drained_units, units_fit_after = token_bucket.drained_units, token_bucket.units_fit_after
local EPOCH_US, max, min = holding.EPOCH_US, math.max, math.min

-- The units that may drain while so many permits are held.
local function drains_of(limit, used, held)
  return floor_div(used, limit.unit) < held and 0 or used - held * limit.unit
end

-- How long after since until no more than units are in use, if nothing is taken before.
local function drains_after(limit, used, since, units, current, next, epoch_end)
  if used <= units then
    return 0
  end
  local held = current + next
  local drains = drains_of(limit, used, held)
  local unheld, epoch_after = units_fit_after(limit, used, units, drains), epoch_end - since
  if held == 0 or held <= floor_div(units, limit.unit) and unheld <= epoch_after then
    return unheld
  end
  local left, at = drained_units(limit, used, since, drains, epoch_end)
  left, at = drained_units(limit, left, at, drains_of(limit, left, next), epoch_end)
  if left <= units then
    return epoch_after
  end
  return min(MOST, at - since + drains_after(limit, left, at, units, next, 0, epoch_end + EPOCH_US))
end

-- used and since as time alone has made them by now, and what is held; nothing if the state is not one for this path.
local function read(name, limit, now)
  local found = redis.pcall('GET', name)
  if not found then
    return 0, now, 0, 0, 0
  elseif type(found) ~= 'string' then
    return nil
  end
  local kind, tick, rate, unit, used, at, current, next, epoch_end, closed_until = usage.held_numbers_of(found)
  if kind ~= limit.kind or tick ~= limit.tick or rate ~= limit.rate or unit ~= limit.unit or closed_until ~= 0 then
    return nil
  end
  local held = current + next
  if used > MOST or at > MOST or at - now > limit.period_us or held > 0 and epoch_end <= now then
    return nil
  elseif used + held == 0 then
    return 0, now, 0, 0, 0
  end
  used, at = drained_units(limit, used, at, drains_of(limit, used, held), now)
  return used, at, current, next, epoch_end
end

-- How long until at most so many permits are in use.
local function fits_after(limit, used, since, permits, current, next, epoch_end, now)
  if ceil_div(used, limit.unit) <= permits then
    return 0
  end
  local after = drains_after(limit, used, since, permits * limit.unit, current, next, epoch_end)
  return max(0, after - (now - since))
end

local function remaining_of(limit, used)
  return max(0, limit.capacity - ceil_div(used, limit.unit))
end

-- Decides a request for a lease, whose numbers stand from at in the requests, and whose keys after key, where that of
-- its overrides is; nothing if it is not one for this path.
local function lease(known, requests, at, version, keys, key, id)
  local limit, cost, wanted = known[requests[at]], requests[at + 1], requests[at + 2]
  local permits, epoch, left = requests[at + 3], requests[at + 4], requests[at + 5]
  if limit.kind ~= kinds.TOKEN_BUCKET or wanted == 0 then
    return nil
  end
  local now, name = moment.now, keys[key + 1]
  local used, since, current, next, epoch_end = read(name, limit, now)
  if not used or cost > remaining_of(limit, used) then
    return nil
  end
  used = used + cost * limit.unit
  if permits > 0 and permits <= current and epoch == epoch_end then
    current = current - permits
  elseif permits > 0 and permits <= next and epoch == epoch_end + EPOCH_US then
    next = next - permits
  end
  local more = min(wanted, remaining_of(limit, used), lending.most(limit) - (current + next) - left)
  if more <= 0 then
    return nil
  end
  local set = overrides.other_than(version, keys[key], id)
  if set then
    return answer.OUTDATED, set
  end
  local total, ends = left + more, max(now, since) + EPOCH_US
  if current + next == 0 then
    current, next, epoch_end = total, 0, ends
  elseif ends <= epoch_end then
    current, ends = current + total, epoch_end
  else
    next, ends = next + total, epoch_end + EPOCH_US
  end
  -- What is leased is in use: with at least that much, as far as it can be counted.
  used = max(used + more * limit.unit, min(current + next, floor_div(MOST, limit.unit)) * limit.unit)
  local reset_after = fits_after(limit, used, since, 0, current, next, epoch_end, now)
  -- What has just been leased may let more of the rest drain, within the tick that has begun.
  local drained = drained_units(limit, used, since, drains_of(limit, used, current + next), now)
  answer.remaining[1], answer.reset_after[1] = remaining_of(limit, drained), reset_after
  answer.retry_after[1] =
    fits_after(limit, used, since, limit.capacity - max(1, cost), current, next, epoch_end, now)
  answer.leased[1], answer.leased[2], answer.leased[3] = total, ends, EPOCH_US
  usage.write_held(name, limit, used, since, current, next, epoch_end, reset_after)
  return answer.CHARGED, 0
end

return { lease = lease }
