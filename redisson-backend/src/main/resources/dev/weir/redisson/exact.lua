-- Exact whole numbers. The twin of Exact.java.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module: MOST, ceil_div and floor_div
-- units       none
--
-- Lua counts in doubles: every number here is whole and at most 2^53, so each sum, product and quotient below is exact.
-- math.ceil(a / b) is too, for a up to 2^53: a quotient that is not whole is further from the next whole number than a
-- double's last bit.

local ceil, fmod = math.ceil, math.fmod

local function ceil_div(dividend, divisor)
  return ceil(dividend / divisor)
end

local function floor_div(dividend, divisor)
  return (dividend - fmod(dividend, divisor)) / divisor
end

return { MOST = 9007199254740992, ceil_div = ceil_div, floor_div = floor_div }
