-- Charges what an instance has admitted while it could not ask, whatever is left: of a client's own limit beside a
-- pool; without one, of the pool itself, for all its clients together.
--
-- needs    moment, limits, usage, fair-pool, pool-state
-- KEYS     as in pool.lua
-- ARGV     1      the time, as moment.lua says
--          2      the limits: the pool's, and the client's own if it has one
--          3      the cost, in permits
-- returns  1      1
-- units    microseconds, permits

moment.begin(ARGV[1])
local limit, own = unpack(limits.read(ARGV[2]))
local cost = tonumber(ARGV[3])
if own then
  usage.owe(KEYS[5], own, cost)
else
  local pool = pool_state.read(KEYS, limit)
  fair_pool.owe(pool, cost, moment.now)
  pool_state.write(pool)
end
return { 1 }
