-- Uploads for wrk: `wrk -s upload.lua URL -- BYTES` posts that many bytes each time.
init = function(arguments)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("u", tonumber(arguments[1]) or 1048576)
    upload = wrk.format()
end

request = function()
    return upload
end
