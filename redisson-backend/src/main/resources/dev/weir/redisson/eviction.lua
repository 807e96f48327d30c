-- Asks what Redis forgets when its memory is full. By INFO, which managed servers allow where they forbid CONFIG.
--
-- needs    none
-- KEYS     1  any key of ours: it says which node is asked
-- ARGV     none
-- returns  1  the policy, or '' if it cannot be known
-- units    none

local info = redis.pcall('INFO', 'memory')
return { type(info) == 'string' and info:match('maxmemory_policy:([%w-]+)') or '' }
