-- Charges what an instance has admitted to one client or bucket while it could not ask: all of it, whatever is left,
-- and whatever is set at run time since.
--
-- needs    moment, limits, usage
-- KEYS     1...   the state under each policy
-- ARGV     1      the time, as moment.lua says
--          2      the limits, as limits.lua says: one for each charge
--          3      the costs, a JSON array in permits
-- returns  1      1
-- units    microseconds, permits

moment.begin(ARGV[1])
local costs = cjson.decode(ARGV[3])

for i, limit in ipairs(limits.read(ARGV[2])) do
  usage.owe(KEYS[i], limit, costs[i])
end
return { 1 }
