-- Gives back what a request was charged on a pool, because another limit has refused it.
--
-- needs    moment, limits, token-bucket, usage, fair-pool, pool-state
-- KEYS     as in pool.lua
-- ARGV     1      the time, as moment.lua says
--          2      the limits that it was charged under, as in pool.lua
--          3      the cost that was charged, in permits
--          4      the client's id
--          5      when it was charged
-- returns  1      1
-- units    microseconds, permits

moment.begin(ARGV[1])
local limit, own = unpack(limits.read(ARGV[2]))
local cost, id, charged_at = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

-- Under other numbers a charge cannot be distinguished from what came after.
local meter = pool_state.stored_meter(KEYS)
if meter and token_bucket.keeps(limit, meter) then
  local pool = pool_state.read(KEYS, limit)
  fair_pool.give_back(pool, id, cost, charged_at, moment.now)
  pool_state.write(pool)
end

if own then
  usage.give_back(KEYS[5], own, cost, charged_at)
end
return { 1 }
