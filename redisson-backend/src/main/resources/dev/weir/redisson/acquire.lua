-- Decides requests: for each, judges all its charges, then commits all or none. One that fails, fails alone.
--
-- needs    moment, limits, answer, fast-path, fast-lending, full-path
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

moment.begin(ARGV[1])
fast_path.begin()
local known, requests = limits.read(ARGV[2]), cjson.decode(ARGV[3])

-- The outcome of the request that stands at a place in the requests, and its keys from key on.
local function decide(request, charges, version, key, at, stamp_at)
  local id = ARGV[3 + request]
  if charges == 0 then
    fast_path.write_back()
    local outcome, more = fast_lending.lease(known, requests, at, version, KEYS, key, id)
    if outcome then
      return outcome, more
    end
    return full_path.lease(known, requests, at, version, KEYS, key, id)
  end
  if not stamp_at then
    local outcome, more = fast_path.decide(known, requests, at, charges, version, KEYS, key, id)
    if outcome then
      return outcome, more
    end
  end
  fast_path.write_back()
  return full_path.decide(known, requests, at, charges, version, KEYS, key, id, stamp_at)
end

local remaining, reset_after, retry_after, leased =
  answer.remaining, answer.reset_after, answer.retry_after, answer.leased
local reply, said, last = { moment.now }, 1, #requests
local at, key, request = 1, 1, 0
while at <= last do
  local charges, version, stamp_at = requests[at], requests[at + 1], nil
  local is_lease = charges == 0
  at = at + 2
  if charges < 0 then
    charges, stamp_at, at = -charges, at, at + 3
  end
  request = request + 1
  local done, outcome, more = pcall(decide, request, charges, version, key, at, stamp_at)
  if not done then
    outcome, more = answer.FAILED, type(outcome) == 'table' and outcome.err or tostring(outcome)
  end
  reply[said + 1], reply[said + 2] = outcome, more
  said = said + 2
  local states = is_lease and 1 or charges
  if outcome ~= answer.FAILED and outcome ~= answer.OUTDATED then
    for i = 1, states do
      reply[said + 1], reply[said + 2], reply[said + 3] = remaining[i], reset_after[i], retry_after[i]
      said = said + 3
    end
    if is_lease then
      reply[said + 1], reply[said + 2], reply[said + 3] = leased[1], leased[2], leased[3]
      said = said + 3
    end
  end
  at, key = at + (is_lease and 7 or 2 * charges), key + 1 + states
end
fast_path.write_back()
return reply
