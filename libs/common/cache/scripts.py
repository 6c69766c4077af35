"""What must happen in Redis in one step, in Lua. Stamps come from Redis' own clock, never from a client's.

An entry is a hash: `s` its stamp, `e` its envelope. A tag's mark is a stamp. Replies carry stamps as text:
Lua would cut a number short.
"""

from __future__ import annotations

# Microseconds since 1970, but always later than the last one given: order matters, not the time of day.
# After a loss of the counter the clock goes on above where it was.
_STAMP = """
local function next_stamp(key)
  local t = redis.call('TIME')
  local stamp = tonumber(t[1]) * 1000000 + tonumber(t[2])
  local last = tonumber(redis.call('GET', key) or '0')
  if stamp <= last then stamp = last + 1 end
  local text = string.format('%.0f', stamp)
  redis.call('SET', key, text)
  return text
end
"""

# KEYS: counter.
MOMENT = _STAMP + "return next_stamp(KEYS[1])"

# KEYS: entry, lock, counter. ARGV: token, lock's life in ms, the stamp the caller has seen.
# An entry stored since the caller looked is better than the lock.
ACQUIRE = (
    _STAMP
    + """
local held = redis.call('HGET', KEYS[1], 's')
if held and tonumber(held) > tonumber(ARGV[3]) then return {'newer', held} end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'busy', '0'} end
return {'locked', next_stamp(KEYS[3])}
"""
)

# KEYS: lock. ARGV: token, life in ms.
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

# KEYS: lock. ARGV: token, channel, message. Only the holder's own token opens the lock.
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
"""

# KEYS: entry, marks of its tags. ARGV: stamp, envelope, life in ms, marks' life in ms, channel, message.
# Refused (nil) when a tag was invalidated after the stamp or a newer entry is there. A missing mark is made:
# an entry whose mark was lost is void, so the mark must exist from now on.
STORE = """
local stamp = tonumber(ARGV[1])
local marks = {}
for i = 2, #KEYS do
  local mark = redis.call('GET', KEYS[i])
  if mark and tonumber(mark) > stamp then return false end
  marks[i - 1] = mark or ARGV[1]
end
local held = redis.call('HGET', KEYS[1], 's')
if held and tonumber(held) >= stamp then return false end
for i = 2, #KEYS do redis.call('SET', KEYS[i], marks[i - 1], 'PX', ARGV[4]) end
redis.call('HSET', KEYS[1], 's', ARGV[1], 'e', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return marks
"""

# KEYS: entry, counter. ARGV: how long the loads under way may take in ms, channel, key.
# What stays is a stamp without an answer: a load that began before can't bring back what it was asked for.
REMOVE = (
    _STAMP
    + """
local stamp = next_stamp(KEYS[2])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 's', stamp)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], 'k ' .. stamp .. ' ' .. ARGV[3])
return stamp
"""
)

# KEYS: counter, marks. ARGV: marks' life in ms, channel, tags.
INVALIDATE = (
    _STAMP
    + """
local stamp = next_stamp(KEYS[1])
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], stamp, 'PX', ARGV[1])
  redis.call('PUBLISH', ARGV[2], 't ' .. stamp .. ' ' .. ARGV[i + 1])
end
return stamp
"""
)
