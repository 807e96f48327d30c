-- Says what a client has used under a policy. It only reads.
--
--   redis-cli --eval usage.lua 'weir:{34}:orders:mallory'
--
-- KEYS     1  what keys.md calls usage
-- returns  one line of text

local TICK_US = { [0] = 1, [1] = 1000, [2] = 1000000 }
local SECOND_US = 1000000

local key = KEYS[1]

local function ago(at_us)
  local now = redis.call('TIME')
  return string.format('%.3f s ago', (now[1] * SECOND_US + now[2] - at_us) / SECOND_US)
end

local kind = redis.call('TYPE', key).ok
if kind == 'none' then
  return 'nothing: the client has its whole limit'
end
if kind == 'list' then
  local _, period_us, at, before = struct.unpack('>BI7I7I7', redis.call('LINDEX', key, -1))
  local entries = redis.call('LLEN', key) - 1
  local total = before
  if entries > 0 then
    _, total = struct.unpack('>I7I7', redis.call('LINDEX', key, -2))
  end
  local text = 'sliding log: %d permits in %d entries, of which those of the last %g s count; changed %s'
  return string.format(text, total - before, entries, period_us / SECOND_US, ago(at))
end
local packed = redis.call('GET', key)
if #packed ~= 30 and #packed ~= 58 then
  return 'none of usage: ' .. #packed .. ' bytes'
end
local byte, tick, a, unit, used, at = struct.unpack('>BBI7I7I7I7', packed)
local number = byte % 8
if number == 1 then
  local leased = ''
  if #packed == 58 then
    local current, next_epoch = struct.unpack('>I7I7', packed, 31)
    leased = string.format('; %d of them leased to instances', current + next_epoch)
  end
  local rate = a * SECOND_US / (unit * TICK_US[tick])
  local text = 'token bucket: %.3f permits in use %s%s; %g a second come back'
  return string.format(text, used / unit, ago(at), leased, rate)
elseif number == 2 then
  return string.format('fixed window of %g s: %d permits used, changed %s', unit / SECOND_US, used, ago(at))
end
local text = 'sliding window of %g s: %d permits used in a window, %d in the one before; changed %s'
return string.format(text, unit * TICK_US[tick] / SECOND_US, used, a, ago(at))
