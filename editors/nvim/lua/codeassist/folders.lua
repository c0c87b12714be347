--- Where the server keeps its things: the places that Python's platformdirs names.

local M = {}

local SYSTEM = vim.uv.os_uname().sysname

---@param variable string
---@param usual string Below the home folder.
---@return string
local function xdg(variable, usual)
  local set = vim.env[variable]
  return set and set ~= '' and set or vim.fs.joinpath(vim.uv.os_homedir(), usual)
end

---@return string
function M.data()
  if SYSTEM == 'Darwin' then
    return vim.fs.joinpath(vim.uv.os_homedir(), 'Library/Application Support/codeassist')
  elseif SYSTEM:find('Windows') then
    return vim.fs.joinpath(vim.env.LOCALAPPDATA, 'codeassist/codeassist')
  end
  return vim.fs.joinpath(xdg('XDG_DATA_HOME', '.local/share'), 'codeassist')
end

--- The server's log.
---@return string
function M.log()
  if SYSTEM == 'Darwin' then
    return vim.fs.joinpath(vim.uv.os_homedir(), 'Library/Logs/codeassist/lsp.log')
  elseif SYSTEM:find('Windows') then
    return vim.fs.joinpath(M.data(), 'Logs/lsp.log')
  end
  return vim.fs.joinpath(xdg('XDG_STATE_HOME', '.local/state'), 'codeassist/log/lsp.log')
end

return M
