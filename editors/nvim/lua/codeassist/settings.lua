--- The server's settings: it pulls them, and is told when they change.

local M = {}

M.SECTIONS = { 'model', 'completion', 'records' }

--- The sections of the user's options; nil: there is nothing in them.
---@param options table<string, any>
---@return table<string, table>?
function M.of(options)
  local found = {}
  for _, section in ipairs(M.SECTIONS) do
    -- Lua's empty table would travel as a JSON list
    if options[section] and next(options[section]) then
      found[section] = options[section]
    end
  end
  return next(found) and found
end

--- Settings over those that hold, for the running server and for later ones.
---@param sections table<string, table>
function M.change(sections)
  local settings = { codeassist = sections }
  vim.lsp.config('codeassist', { settings = settings })
  for _, client in ipairs(vim.lsp.get_clients({ name = 'codeassist' })) do
    client.settings = vim.tbl_deep_extend('force', client.settings or {}, settings)
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
end

--- Whether entries of the popup menu are wanted; nil: nothing is said of it here.
---@return boolean?
function M.as_items()
  local settings = vim.lsp.config.codeassist.settings
  return vim.tbl_get(settings or {}, 'codeassist', 'completion', 'as_items')
end

--- What the server is told when it pulls them.
---@return table<string, table>
function M.told()
  local client = vim.lsp.get_clients({ name = 'codeassist' })[1]
  local settings = (client or vim.lsp.config.codeassist).settings or {}
  return settings.codeassist or {}
end

return M
