-- Lists a part of what is set at run time in one shard.
--
-- needs    none
-- KEYS     1  the hash of the shard: id to 'version text'
-- ARGV     1  the cursor, '0' to begin
--          2  about how many to list
-- returns  1  the next cursor, '0' at the end
--          then 2 for each: its id, 'version text'
-- units    none

local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local reply = { page[1] }
for _, found in ipairs(page[2]) do
  reply[#reply + 1] = found
end
return reply
