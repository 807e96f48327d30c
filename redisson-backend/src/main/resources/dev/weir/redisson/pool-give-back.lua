-- Gives back what a request was charged on a pool, because another limit has refused it.
--
-- KEYS     as in pool.lua
-- ARGV     1      '' for Redis's own clock; or, in a test, what time it is
--          2      the limits that it was charged under, as in pool.lua
--          3      the cost that was charged, in permits
--          4      the client's id
--          5      when it was charged
-- returns  1      1
-- units    microseconds, permits

local now, spare_ms = now_us(ARGV[1]), spare_ms_of(ARGV[1])
local limits = limits_of(ARGV[2])
local cost, id, charged_at = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

-- Under other numbers a charge cannot be told from what came after.
local meter = stored_meter()
if meter and token_bucket.keeps(limits[1], meter) then
  local pool = read_pool(limits[1], now)
  give_back_share(pool, id, cost, charged_at, now)
  write_pool(pool, now, spare_ms)
end

local own = limits[2]
local stored = own and read_state(KEYS[5], own.kind == SLIDING_LOG)
if stored and stored.at <= now and charged_at <= now then
  local left = own.algorithm.without(own, stored, cost, charged_at, now)
  if left ~= stored then
    write_state(KEYS[5], left, now, max(0, reset_after_of(left, now)), 0, spare_ms)
  end
end
return { 1 }
