-- Clients of a pool that share by weight, and how far an ideal server is with their work. The twin of FairLane.java,
-- which explains it, and of FairMember.java.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module of functions on a lane, a table of
--             tags       the key of a sorted set: clients with work left, by the virtual time at which it is drained
--             virtual    virtual time
--             weight     the sum of the members' weights
--             pace       the part of the capacity that a weight of 1 got of late; 0 if that is not known
--             and on a member, a table of weight, finish, refused, claim, claim_until and largest
-- units       permits, microseconds; virtual time is permits per weight
--
-- What is not in the sorted set of a member is in one hash for all lanes, by id: 29 bytes, the weight, whether it was
-- refused its share, the claim, until when, and its largest cost; of most nothing. Redis keeps scores, and is given
-- numbers, to the last bit.

local call, max, pack, unpack = redis.call, math.max, struct.pack, struct.unpack

local MEMBER, MEMBER_BYTES = '>I7BI7I7I7', 29

-- Most clients have a weight of 1, cost 1 and were never refused: of them nothing is kept but the tag.
local ORDINARY = pack(MEMBER, 1, 0, 0, 0, 1)

local function packed_of(members, id)
  return call('HGET', members, id) or ORDINARY
end

local function find_member(lane, members, id)
  local finish = lane.weight > 0 and call('ZSCORE', lane.tags, id)
  local packed = finish and packed_of(members, id)
  if not packed or #packed ~= MEMBER_BYTES then
    return nil
  end
  local weight, was_refused, claim, claim_until, largest = unpack(MEMBER, packed)
  return {
    weight = weight,
    finish = tonumber(finish),
    refused = was_refused == 1,
    claim = claim,
    claim_until = claim_until,
    largest = largest,
    packed = packed,
  }
end

-- before is what is remembered of the client in this lane, if anything is.
local function put_member(lane, members, id, member, before)
  local packed =
    pack(MEMBER, member.weight, member.refused and 1 or 0, member.claim, member.claim_until, member.largest)
  call('ZADD', lane.tags, member.finish, id)
  if not before or before.packed ~= packed then
    if packed == ORDINARY then
      call('HDEL', members, id)
    else
      call('HSET', members, id, packed)
    end
  end
  lane.weight = lane.weight + member.weight - (before and before.weight or 0)
end

local function remove_member(lane, members, id, member)
  call('ZREM', lane.tags, id)
  call('HDEL', members, id)
  lane.weight = lane.weight - member.weight
end

-- Takes so much off what a client has queued, if it is a member.
local function relieve(lane, members, id, permits)
  local member = find_member(lane, members, id)
  if member then
    local queued = max(0, (member.finish - lane.virtual) * member.weight - permits)
    call('ZADD', lane.tags, lane.virtual + queued / member.weight, id)
  end
end

-- The next member to finish, which the lane remembers; nothing if it has none.
local function next_of(lane)
  if lane.weight > 0 and not lane.next then
    local first = call('ZRANGE', lane.tags, 0, 0, 'WITHSCORES')
    if first[1] then
      lane.next, lane.next_finish = first[1], tonumber(first[2])
    else
      lane.weight = 0
    end
  end
  return lane.next
end

-- The service that it still needs, in units of the lane's weight times virtual time.
local function needed(lane)
  return (lane.next_finish - lane.virtual) * lane.weight
end

local function finish_next(lane, members)
  lane.virtual = max(lane.virtual, lane.next_finish)
  local packed = packed_of(members, lane.next)
  local weight = #packed == MEMBER_BYTES and unpack(MEMBER, packed) or 0
  remove_member(lane, members, lane.next, { weight = weight })
  lane.next = nil
end

-- Notes how far virtual time went while the pool drained so many permits, during us, and the lane had members.
local function average(lane, before, permits, us, smoothing_us)
  local latest = (lane.virtual - before) / permits
  lane.pace = lane.pace == 0 and latest or lane.pace + (latest - lane.pace) * us / (smoothing_us + us)
end

-- Begins virtual time anew where that changes nothing, or where doubles would become too coarse.
local function rebase(lane, largest_virtual)
  if lane.weight == 0 then
    lane.virtual = 0
  elseif lane.virtual * lane.weight > largest_virtual then
    local all = call('ZRANGE', lane.tags, 0, -1, 'WITHSCORES')
    for i = 1, #all, 2 do
      call('ZADD', lane.tags, tonumber(all[i + 1]) - lane.virtual, all[i])
    end
    lane.virtual = 0
  end
end

return {
  find = find_member,
  put = put_member,
  remove = remove_member,
  relieve = relieve,
  next_of = next_of,
  needed = needed,
  finish_next = finish_next,
  average = average,
  rebase = rebase,
}
