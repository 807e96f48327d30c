-- Decides one request that the fast paths leave: in whatever state the client is, and under
-- whatever limit.
--
-- needs       kinds, moment, timestamp, usage, overrides, lending, answer
-- KEYS, ARGV  none of its own
-- returns     a module: decide and lease, which say what there is to say in answer.lua
-- units       microseconds, permits

local max = math.max
local remaining_of, retry_after_of = kinds.remaining_of, kinds.retry_after_of
local CHARGED, REFUSED, OUTDATED = answer.CHARGED, answer.REFUSED, answer.OUTDATED
local remaining, reset_after, retry_after, leased =
  answer.remaining, answer.reset_after, answer.retry_after, answer.leased

-- Of the request that is being decided, by charge: lists that each request uses anew, because tables are what takes
-- time. nows is the time that counts, which is not the clock's where timestamps are about; writes is what is to be
-- kept, if anything.
local stored, states, nows, stamps, writes = {}, {}, {}, {}, {}

-- A wait from the time that counts, for a caller who counts from another. Wait and time together may be above 2^53.
local function from_asked(wait_us, counts, asked)
  return wait_us == 0 and 0 or wait_us + (counts - asked)
end

-- Takes up the state under a key, at the time that counts for a request. The caller counts from asked: its timestamp,
-- whose stamp is given, or the clock. Whether its value could be read.
local function take_up(i, key, limit, asked, stamp)
  local now = moment.now
  local found, readable = usage.read(key, limit)
  local counts = now
  stamps[i] = stamp
  if stamp or found and found.stamp then
    found, counts, stamps[i] = timestamp.placed(limit, found, asked, stamp, now)
  end
  stored[i], nows[i] = found, counts
  states[i] = limit.algorithm.advance(limit, found, counts)
  return readable
end

-- The state as it was stored, by its own numbers; or the one that stands for none.
local function uncharged(i, limit)
  return stored[i] and kinds.drained(kinds.believed(stored[i], nows[i], limit.period_us), nows[i]) or states[i]
end

-- What a refusal leaves to keep. Only a clock that was set back, and a large cost that waits for leases to end, leave a
-- trace; never other numbers, or a refused request would free what is in use.
local function refuse(i, limit, cost)
  local advanced, at = states[i], nows[i]
  local is_refused = cost > remaining_of(limit, advanced, at)
  local is_closed_by_it = is_refused and lending.closes(limit, advanced, at, cost)
  if stored[i] and (is_closed_by_it or not kinds.is_believed(stored[i], at, limit.period_us)) then
    local kept = uncharged(i, limit)
    writes[i] = is_refused and lending.refused(limit, kept, at, cost) or kept
  end
end

-- How long until a cost passes in the state that there is now.
local function wait_for(i, limit, cost, asked)
  return from_asked(retry_after_of(limit, states[i], nows[i], cost), nows[i], asked)
end

-- What is said of a state.
local function say(i, limit, asked)
  reset_after[i] = from_asked(kinds.reset_after_of(states[i], nows[i]), nows[i], asked)
  remaining[i] = remaining_of(limit, states[i], nows[i])
end

local function keep(i, key)
  local state = writes[i]
  if state then
    state.stamp = stamps[i]
    usage.write(key, state, kinds.reset_after_of(state, nows[i]), nows[i] - moment.now)
  end
end

-- Decides one request, whose charges stand from at in the requests, and whose keys after key, where that of its
-- overrides is; its timestamp, if it has one, stands at stamp_at. All is computed before anything is written: an error
-- finds nothing half charged.
local function decide(known, requests, at, charges, version, keys, key, id, stamp_at)
  local set = overrides.other_than(version, keys[key], id)
  if set then
    return OUTDATED, set
  end
  local now = moment.now
  local permitted, unreadable = true, 0
  local asked, stamp, refusal, wait = now, nil, nil, 0
  if stamp_at then
    local given, max_age, max_skew = requests[stamp_at], requests[stamp_at + 1], requests[stamp_at + 2]
    refusal, wait = timestamp.outside(given, max_age, max_skew, now)
    if not refusal then
      asked, stamp = given, timestamp.stamp_of(max_age)
    end
  end
  for i = 1, charges do
    local limit, cost = known[requests[at + 2 * i - 2]], requests[at + 2 * i - 1]
    local readable = take_up(i, keys[key + i], limit, asked, stamp)
    if not readable and unreadable == 0 then
      unreadable = i
    end
    permitted = permitted and cost <= remaining_of(limit, states[i], nows[i])
  end
  permitted = permitted and not refusal
  for i = 1, charges do
    local limit, cost = known[requests[at + 2 * i - 2]], requests[at + 2 * i - 1]
    retry_after[i], writes[i] = wait, nil
    if permitted then
      states[i] = lending.served(limit, limit.algorithm.charge(limit, states[i], nows[i], cost), cost)
      writes[i] = states[i]
      retry_after[i] = wait_for(i, limit, cost, asked)
    elseif not refusal then
      if cost <= limit.capacity then
        retry_after[i] = wait_for(i, limit, cost, asked)
      end
      refuse(i, limit, cost)
    end
    say(i, limit, asked)
  end
  for i = 1, charges do
    keep(i, keys[key + i])
  end
  return refusal or permitted and CHARGED or REFUSED, unreadable
end

-- Decides a request for a lease, whose numbers stand from at in the requests.
local function lease(known, requests, at, version, keys, key, id)
  local set = overrides.other_than(version, keys[key], id)
  if set then
    return OUTDATED, set
  end
  local limit, cost, wanted = known[requests[at]], requests[at + 1], requests[at + 2]
  local permits, epoch, left, instances = requests[at + 3], requests[at + 4], requests[at + 5], requests[at + 6]
  local algorithm, now = limit.algorithm, moment.now
  local readable = take_up(1, keys[key + 1], limit, now, nil)
  local permitted = cost <= remaining_of(limit, states[1], nows[1])
  leased[1], leased[2], leased[3] = 0, 0, 0
  retry_after[1], writes[1] = 0, nil
  if not permitted then
    if cost <= limit.capacity then
      retry_after[1] = wait_for(1, limit, cost, now)
    end
    refuse(1, limit, cost)
  elseif wanted == 0 then
    states[1] = lending.returned(uncharged(1, limit), permits, epoch, left)
    writes[1] = stored[1] and states[1]
  else
    if cost > 0 then
      states[1] = lending.served(limit, algorithm.charge(limit, states[1], nows[1], cost), cost)
    end
    if not stamps[1] then
      states[1], leased[1], leased[2], leased[3] =
        lending.lend(limit, states[1], nows[1], wanted, permits, epoch, left, instances)
    end
    if cost > 0 or leased[1] > 0 then
      writes[1] = states[1]
    else
      refuse(1, limit, cost)
    end
  end
  if permitted then
    retry_after[1] = wait_for(1, limit, max(1, cost), now)
  end
  say(1, limit, now)
  keep(1, keys[key + 1])
  return permitted and CHARGED or REFUSED, readable and 0 or 1
end

return { decide = decide, lease = lease }
