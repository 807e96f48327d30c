-- Decides what nearly every request is: charges on token buckets and windows, whose states are in the limits' own
-- numbers, of which nothing is leased, and that no timestamp has moved. full-path.lua answers the same, and decides the
-- others.
--
-- needs       exact, moment, usage, overrides, fast-kinds, answer
-- KEYS, ARGV  none of its own
-- returns     a module: begin, which a script calls first; decide; and write_back, which it calls before anything else
--             reads or writes a state, and last
-- units       microseconds, permits
--
-- Requests of one client that follow each other are decided on one reading of its states. The first that is permitted
-- writes: where nothing can be written, it fails, and alone. What the others have changed is written once, after them.

local MOST, max, get = exact.MOST, math.max, redis.pcall
local numbers_of, write_numbers, other_than = usage.numbers_of, usage.write_numbers, overrides.other_than
local CHARGED, REFUSED, OUTDATED = answer.CHARGED, answer.REFUSED, answer.OUTDATED
local remaining, reset_after, retry_after = answer.remaining, answer.reset_after, answer.retry_after

-- Whose states have been read: how many there are, 0 for none; and of each the key, the limit, its kind and the state.
local open_states, open_set, open_id, open_version = 0, nil, nil, nil
local names, limit_of, kind_of, used, ats, previous, resets = {}, {}, {}, {}, {}, {}, {}
local is_written, is_changed, now = false, false, nil

local function close()
  open_states, is_written, is_changed = 0, false, false
end

local function begin()
  close()
  now = moment.now
end

local function write(i)
  local tick, a, unit = kind_of[i].numbers(limit_of[i], previous[i])
  write_numbers(names[i], limit_of[i].kind, tick, a, unit, used[i], ats[i], resets[i])
end

local function write_back()
  local states = is_changed and open_states or 0
  close()
  for i = 1, states do
    write(i)
  end
end

local function is_open(known, requests, at, charges, version, keys, key, id)
  if charges ~= open_states or keys[key] ~= open_set or id ~= open_id or version ~= open_version then
    return false
  end
  for i = 1, charges do
    if keys[key + i] ~= names[i] or known[requests[at + 2 * i - 2]] ~= limit_of[i] then
      return false
    end
  end
  return true
end

-- Reads a state; whether it is one for this path.
local function read(i, name, limit)
  local kind = fast_kinds[limit.kind]
  local found = kind and get('GET', name)
  names[i], limit_of[i], kind_of[i] = name, limit, kind
  if type(found) ~= 'string' then
    if found == false and kind then
      used[i], ats[i], previous[i] = kind.begin(limit, now)
    end
    return found == false and kind ~= nil
  end
  local of_kind, tick, a, unit, of_used, of_at = numbers_of(found)
  if of_kind ~= limit.kind or not kind.is_kept(limit, tick, a, unit) then
    return false
  end
  if a > MOST or of_used > MOST or of_at > MOST or of_at - now > limit.period_us then
    return false
  end
  local before = kind.previous_of(a)
  if of_used + before == 0 then
    used[i], ats[i], previous[i] = kind.begin(limit, now)
  else
    used[i], ats[i], previous[i] = kind.drained(limit, of_used, of_at, before, now)
  end
  return true
end

local function open(known, requests, at, charges, version, keys, key, id)
  for i = 1, charges do
    if not read(i, keys[key + i], known[requests[at + 2 * i - 2]]) then
      return false
    end
  end
  open_states, open_set, open_id, open_version = charges, keys[key], id, version
  return true
end

local function remaining_of(i)
  return max(0, limit_of[i].capacity - kind_of[i].permits_used(limit_of[i], used[i], ats[i], previous[i], now))
end

local function fits_after(i, permits)
  return kind_of[i].fits_after(limit_of[i], used[i], ats[i], previous[i], permits, now)
end

-- What is said of a state, whose cost was charged or not.
local function say(i, cost)
  local capacity = limit_of[i].capacity
  resets[i] = fits_after(i, 0)
  remaining[i], reset_after[i] = remaining_of(i), resets[i]
  retry_after[i] = cost <= capacity and fits_after(i, capacity - cost) or 0
end

-- Decides a request, whose charges stand from at in the requests, and whose keys after key, where that of its overrides
-- is; nothing if it is not one for this path.
local function decide(known, requests, at, charges, version, keys, key, id)
  if not is_open(known, requests, at, charges, version, keys, key, id) then
    write_back()
    if not open(known, requests, at, charges, version, keys, key, id) then
      return nil
    end
    local set = other_than(version, keys[key], id)
    if set then
      close()
      return OUTDATED, set
    end
  end
  local permitted = true
  for i = 1, charges do
    permitted = permitted and requests[at + 2 * i - 1] <= remaining_of(i)
  end
  for i = 1, charges do
    local cost = requests[at + 2 * i - 1]
    if permitted then
      used[i] = kind_of[i].plus(limit_of[i], used[i], cost)
    end
    say(i, cost)
  end
  if permitted and is_written then
    is_changed = true
  elseif permitted then
    open_states = 0 -- If it fails, what is read here is not what is stored.
    for i = 1, charges do
      write(i)
    end
    open_states, is_written = charges, true
  end
  return permitted and CHARGED or REFUSED, 0
end

return { begin = begin, decide = decide, write_back = write_back }
