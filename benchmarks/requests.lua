-- Sends requests that were made before, each once, in their order: `wrk -s requests.lua URL -- FILE`.
-- FILE has them one after the other, with a NUL between two. There have to be enough for as long as wrk runs.
local requests, sent = {}, 0

function init(arguments)
  for each in io.open(arguments[1], "rb"):read("*a"):gmatch("%Z+") do
    requests[#requests + 1] = each
  end
end

function request()
  sent = sent + 1
  return requests[math.min(sent, #requests)]
end
