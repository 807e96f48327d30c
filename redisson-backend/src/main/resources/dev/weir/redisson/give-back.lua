-- Gives back what a request was charged, because another client or bucket has refused it. What the states do not show
-- any more stays charged.
--
-- needs    moment, limits, usage, overrides
-- KEYS     1      the hash of what is set at run time in the shard of the client or bucket, id to 'version text'
--          2...   the state under each policy that was charged
-- ARGV     1      the time, as moment.lua says
--          2      the limits, as limits.lua says: one for each charge
--          3      the costs that were charged, a JSON array in permits
--          4      the id of the client or bucket
--          5      the version of what was set at run time when it was charged, 0 for nothing
--          6      when it was charged
-- returns  1      1 if states have been looked at, 0 if something else is set at run time since: then all stays charged
-- units    microseconds

moment.begin(ARGV[1])
local costs, charged_at = cjson.decode(ARGV[3]), tonumber(ARGV[6])

if overrides.other_than(tonumber(ARGV[5]), KEYS[1], ARGV[4]) then
  return { 0 }
end
for i, limit in ipairs(limits.read(ARGV[2])) do
  usage.give_back(KEYS[1 + i], limit, costs[i], charged_at)
end
return { 1 }
