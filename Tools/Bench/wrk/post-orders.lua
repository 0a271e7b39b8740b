-- Creates orders, each with an Idempotency-Key of its own. Arguments: a word of this run, the body, tokens …
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local body, heads = args[2], {}
  for index = 3, #args do
    heads[#heads + 1] = "POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. args[index]
      .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\nIdempotency-Key: " .. args[1] .. "-"
      .. number .. "-"
  end
  local tail, count, size = "\r\n\r\n" .. body, 0, #heads
  request = function()
    count = count + 1
    return heads[count % size + 1] .. count .. tail
  end
end

dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")
