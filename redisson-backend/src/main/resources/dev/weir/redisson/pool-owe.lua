-- Charges what an instance has admitted to one client of a pool while it could not ask, whatever is left.
--
-- needs    moment, limits, usage, fair-pool, pool-state
-- KEYS     as in pool.lua
-- ARGV     1      the time, as moment.lua says
--          2      the limits: the pool's, and the client's own if it has one
--          3      the cost, in permits
--          4      the client's id
--          5      the client's weight
-- returns  1      1
-- units    microseconds, permits

moment.begin(ARGV[1])
local limit, own = unpack(limits.read(ARGV[2]))
local cost, id, weight = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local pool = pool_state.read(KEYS, limit)
fair_pool.owe(pool, id, weight, cost, moment.now, pool_state.per_us_of(limit))
pool_state.write(pool)

if own then
  usage.owe(KEYS[5], own, cost)
end
return { 1 }
