-- Decides requests on a pool, one after the other: each on the client's own limit too, if it has one. Both are charged,
-- or none is.
--
-- needs    moment, limits, fair-pool, pool-state, pool-request
-- KEYS     1      the pool's state
--          2, 3   sorted sets of the clients that have something in it: those with a weight, and those of weight 0
--          4      a hash of what else is remembered of them
--          5...   for each request whose client has a limit of its own, the state of that; all in one slot
-- ARGV     1      the time, as moment.lua says
--          2      the limits, as limits.lua says
--          3      the requests, a JSON array of 8 numbers for each: the number of the pool's limit, from 1, and of the
--                 client's own limit, 0 for none; the client's weight; the cost in permits; the permits that the
--                 instance wants in advance; and what it has now: permits, epoch, and what is left of them. With
--                 neither a cost nor anything wanted it gives its lease back
--          then for each request the client's id
-- returns  when: the time by which all is decided; then for each request, one after the other
--          1      1 charged, 2 refused by the client's own limit, 3 its share is used up, 4 the pool's capacity is, 5
--                 the cost can never pass
--          2      whose limit decided: 1 the pool's, 2 the client's own
--          3      permits that are left there, after the charge if it was made; under both limits if both permit it
--          4      reset_after: until that limit has all its permits again
--          5      retry_after: until it is worth asking again; 0 if the cost passed or never will
--          6, 7, 8  the permits that the instance has now, the epoch of the lease, and how long it lives; 0 if it got
--                   none, and its lease is as it was
-- units    microseconds, permits

local NUMBERS = 8

moment.begin(ARGV[1])
local known, requests = limits.read(ARGV[2]), cjson.decode(ARGV[3])
local pool, reply = pool_state.read(KEYS, known[requests[1]]), { moment.now }
local own_key = 5

for at = 1, #requests, NUMBERS do
  local limit, own = known[requests[at]], known[requests[at + 1]]
  local weight, cost, wanted = requests[at + 2], requests[at + 3], requests[at + 4]
  local permits, epoch, left = requests[at + 5], requests[at + 6], requests[at + 7]
  local id = ARGV[3 + (at + NUMBERS - 1) / NUMBERS]
  if at > 1 then
    pool_state.take_up_again(pool, limit)
  end
  if cost == 0 and wanted == 0 then
    pool_request.give_back(pool, reply, limit, id, weight, permits, epoch, left)
  else
    local judged = fair_pool.judge(pool, id, weight, cost, moment.now, pool_state.per_us_of(limit))
    if wanted > 0 then
      pool_request.lease(pool, reply, judged, wanted, permits, epoch, left)
    elseif own then
      pool_request.decide_with_own(pool, reply, judged, own, KEYS[own_key])
      own_key = own_key + 1
    else
      pool_request.decide(pool, reply, judged)
    end
  end
end
pool_state.write(pool)
return reply
