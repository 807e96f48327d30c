-- Reads what is set for a client or a bucket at run time.
--
-- KEYS, ARGV  none of its own
-- returns     nothing; defines version_of
-- units       none

local MOST_DIGITS, LARGEST_VERSION = 16, 9007199254740992

-- The version of 'version text'; 0 if nothing is set, or the value is none of ours and counts as nothing. OverridesText says the
-- same: if the two did not agree, a client's requests would be sent back for ever.
local function version_of(set)
  local digits = set and string.match(set, '^(%d+) ')
  local version = digits and #digits <= MOST_DIGITS and tonumber(digits) or 0
  return version < LARGEST_VERSION and version or 0
end
