-- How Neovim starts the server: `vim.lsp.enable('codeassist')`.

local server = require('codeassist.server')
local state = require('codeassist.state')

---@type vim.lsp.Config
return {
  cmd = server.start,
  -- No `filetypes`: the server itself knows what it completes. Neovim would attach
  -- help buffers too; a model need not be loaded for reading.
  root_dir = function(bufnr, on_dir)
    local bo = vim.bo[bufnr]
    if bo.buftype ~= '' or not bo.modifiable then
      return
    elseif vim.api.nvim_buf_get_name(bufnr) == '' then
      server.await_name(bufnr)
    elseif server.may_start() then
      on_dir(server.root_of(bufnr))
    end
  end,
  -- One model for all that is open: another root is one more folder of the same server.
  reuse_client = function(client, config)
    return client.name == config.name and not client:is_stopped()
  end,
  -- What is offered at all (`as_items`) is settled before the settings are pulled.
  before_init = function(params, config)
    params.initializationOptions = (config.settings or {}).codeassist
  end,
  on_init = server.started,
  on_exit = server.ended,
  handlers = {
    ['codeassist/status'] = state.on_status,
    ['window/showMessage'] = state.on_message,
  },
}
