-- Decides requests: for each, judges all its charges, then commits all or none. One that fails, fails alone.
--
-- needs    kinds, moment, limits, timestamp, usage, overrides, lending
-- KEYS     request by request: the hash of what is set at run time in the shard of its client or bucket, id to 'version
--          text'; then the state under each policy that is charged; in a cluster, all in one slot
-- ARGV     1      the time, as moment.lua says
--          2      the limits, as limits.lua says
--          3      the requests, a JSON array: for each the number of its charges, the version of what is set at run
--                 time that it was made from, 0 for nothing, and for each charge the number of its limit, from 1, and
--                 its cost in permits. A request with a timestamp has the number of its charges negated, and three more
--                 numbers before them: when its caller says that it is made, and how far that may be behind the time in
--                 ARGV 1, and ahead of it. Where an instance asks for a lease: 0; the version; the number of its limit;
--                 the cost; the permits that it wants, 0 to give its lease back; what it has now: permits, epoch and
--                 what is left of them; and among how many instances the limit is shared
--          then for each request the id of its client or bucket
-- returns  when: the time by which all is decided; then for each request, one after the other
--          1      1 if all were charged, 0 if none was, -1 if it failed, -2 if the version is another, -3 if its
--                 timestamp is too old, -4 if it is too far ahead; if it is negative, nothing was charged or written
--          2      0, or the number of its first state whose value is none of ours: it counts as no state at all, and is
--                 overwritten when it is next charged. If it failed: why, and no more follows. If the version is
--                 another: 'version text', or '' if nothing is set, and no more follows
--          then 3 for each charge:
--          remaining, after the charge if it was made: permits
--          reset_after: until the client has its whole limit again
--          retry_after: until its cost would pass, or, if the charge was made, would pass once more; 0 if it would now
--          or never will. For a timestamp that is too far ahead: until it is not
--          Both count from the request's timestamp if it has one that is near enough, else from the time in ARGV 1
--          then 3 more for a lease:
--          the permits that the instance has now, the epoch of the lease, and how long it lives; 0 if it got none, and
--          its lease is as it was
-- units    microseconds

local max, now = math.max, moment.now
local remaining_of, retry_after_of = kinds.remaining_of, kinds.retry_after_of

local requests = cjson.decode(ARGV[3])

-- Of the request that is being decided, by charge: lists that each request uses anew, because tables are what takes
-- time. nows is the time that counts, which is not the clock's where timestamps are about; writes is what is to be
-- kept, if anything.
local stored, states, nows, stamps, writes, remaining, reset_after, retry_after = {}, {}, {}, {}, {}, {}, {}, {}
local leased = {}

local CHARGED, REFUSED, FAILED, OUTDATED = 1, 0, -1, -2

-- A wait from the time that counts, for a caller who counts from another. Wait and time together may be above 2^53.
local function from_asked(wait_us, counts, asked)
  return wait_us == 0 and 0 or wait_us + (counts - asked)
end

-- Takes up the state under a key, at the time that counts for a request. The caller counts from asked: its timestamp,
-- whose stamp is given, or the clock. Whether its value could be read.
local function take_up(i, key, limit, asked, stamp)
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
    usage.write(key, state, kinds.reset_after_of(state, nows[i]), nows[i] - now)
  end
end

-- Decides one request, whose charges stand after at in the requests, and whose keys after key, where that of its
-- overrides is; its timestamp, if it has one, stands at stamp_at. All is computed before anything is written: an error
-- finds nothing half charged.
local function decide(charges, at, key, version, id, stamp_at)
  local set = overrides.other_than(version, KEYS[key], id)
  if set then
    return OUTDATED, set
  end
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
    local limit, cost = limits[requests[at + 2 * i - 1]], requests[at + 2 * i]
    local readable = take_up(i, KEYS[key + i], limit, asked, stamp)
    if not readable and unreadable == 0 then
      unreadable = i
    end
    permitted = permitted and cost <= remaining_of(limit, states[i], nows[i])
  end
  permitted = permitted and not refusal
  for i = 1, charges do
    local limit, cost = limits[requests[at + 2 * i - 1]], requests[at + 2 * i]
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
    keep(i, KEYS[key + i])
  end
  return refusal or permitted and CHARGED or REFUSED, unreadable
end

-- Decides a request for a lease, whose numbers stand from at in the requests.
local function lease(at, key, version, id)
  local set = overrides.other_than(version, KEYS[key], id)
  if set then
    return OUTDATED, set
  end
  local limit, cost, wanted = limits[requests[at]], requests[at + 1], requests[at + 2]
  local permits, epoch, left, instances = requests[at + 3], requests[at + 4], requests[at + 5], requests[at + 6]
  local algorithm = limit.algorithm
  local readable = take_up(1, KEYS[key + 1], limit, now, nil)
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
  keep(1, KEYS[key + 1])
  return permitted and CHARGED or REFUSED, readable and 0 or 1
end

local reply, said = { now }, 1
local at, key, request = 1, 1, 0
while at <= #requests do
  local charges, version, stamp_at = requests[at], requests[at + 1], nil
  local is_lease = charges == 0
  at = at + 2
  if charges < 0 then
    charges, stamp_at, at = -charges, at, at + 3
  end
  request = request + 1
  local done, outcome, more
  if is_lease then
    charges = 1
    done, outcome, more = pcall(lease, at, key, version, ARGV[3 + request])
  else
    done, outcome, more = pcall(decide, charges, at - 1, key, version, ARGV[3 + request], stamp_at)
  end
  if not done then
    outcome, more = FAILED, type(outcome) == 'table' and outcome.err or tostring(outcome)
  end
  reply[said + 1], reply[said + 2] = outcome, more
  said = said + 2
  if outcome ~= FAILED and outcome ~= OUTDATED then
    for i = 1, charges do
      reply[said + 1], reply[said + 2], reply[said + 3] = remaining[i], reset_after[i], retry_after[i]
      said = said + 3
    end
    if is_lease then
      reply[said + 1], reply[said + 2], reply[said + 3] = leased[1], leased[2], leased[3]
      said = said + 3
    end
  end
  at, key = at + (is_lease and 7 or 2 * charges), key + 1 + charges
end
return reply
