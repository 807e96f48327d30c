-- Reads what is set for a client or a bucket at run time.
--
-- needs       exact
-- KEYS, ARGV  none of its own
-- returns     a module: version_of and other_than
-- units       none

local MOST_DIGITS = 16

-- The version of 'version text'; 0 if nothing is set, or the value is none of ours and counts as nothing. OverridesText
-- says the same: if the two did not agree, a client's requests would be sent back for ever.
local function version_of(set)
  local digits = set and string.match(set, '^(%d+) ')
  local version = digits and #digits <= MOST_DIGITS and tonumber(digits) or 0
  return version < exact.MOST and version or 0
end

-- What is set for an id, '' for nothing, if it has another version than that; else nothing.
local function other_than(version, key, id)
  local set = redis.call('HGET', key, id)
  return version_of(set) ~= version and (set or '') or nil
end

return { version_of = version_of, other_than = other_than }
