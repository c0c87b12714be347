-- How Neovim starts the server: `vim.lsp.enable('codeassist')`.

local scope = require('codeassist.scope')
local server = require('codeassist.server')
local settings = require('codeassist.settings')
local state = require('codeassist.state')

--- Whether anything is asked in a buffer, or may be with the next key.
---@param bufnr integer
---@return boolean
local function is_wanted(bufnr)
  return scope.of(bufnr) or server.is_called(bufnr) or settings.as_items() == true
end

---@type vim.lsp.Config
return {
  cmd = server.start,
  -- No `filetypes`: the server itself knows what it completes. Neovim would attach
  -- help buffers too; a model need not be loaded for reading.
  root_dir = function(bufnr, on_dir)
    local bo = vim.bo[bufnr]
    if bo.buftype ~= '' or not bo.modifiable then
      return
    elseif vim.api.nvim_buf_get_name(bufnr) == '' or not is_wanted(bufnr) then
      server.put_off(bufnr)
    elseif server.may_start() then
      on_dir(server.root_of(bufnr))
    end
  end,
  -- One model for all that is open: another root is one more folder of the same server.
  reuse_client = function(client, config)
    return client.name == config.name and not client:is_stopped()
  end,
  -- Settled before the settings are pulled; the others would be complained of twice.
  before_init = function(params)
    local as_items = settings.as_items()
    if as_items ~= nil then
      params.initializationOptions = { completion = { as_items = as_items } }
    end
  end,
  on_init = server.started,
  on_exit = server.ended,
  handlers = {
    ['codeassist/status'] = state.on_status,
    ['window/showMessage'] = state.on_message,
  },
}
