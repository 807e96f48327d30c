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

local limit, cost, id, weight = limits[1], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local pool = pool_state.read(limit)
fair_pool.owe(pool, id, weight, cost, moment.now, pool_state.per_us_of(limit))
pool_state.write(pool)

if limits[2] then
  usage.owe(KEYS[5], limits[2], cost)
end
return { 1 }
