--- What a buffer gets when our server is attached to it.

local asking = require('codeassist.asking')
local ghost = require('codeassist.ghost')
local hearing = require('codeassist.hearing')
local scope = require('codeassist.scope')
local server = require('codeassist.server')
local state = require('codeassist.state')
local telling = require('codeassist.telling')

local M = {}

--- A cursor rests when it has not moved for so long.
local REST_MS = 100

---@type table<integer, true> Clients whose requests go through `asking`.
local guarded = {}

--- The root of a buffer as one more folder of the server, if it is a new one.
---@param client vim.lsp.Client
---@param bufnr integer
local function add_folder(client, bufnr)
  local root = server.root_of(bufnr)
  if not root or not client:supports_method('workspace/didChangeWorkspaceFolders') then
    return
  end
  local folder = { uri = vim.uri_from_fname(root), name = root }
  local folders = client.workspace_folders or {}
  local function is_same(known)
    return known.uri == folder.uri
  end
  if not vim.iter(folders):any(is_same) then
    client.workspace_folders = vim.list_extend(folders, { folder })
    local event = { added = { folder }, removed = {} }
    client:notify('workspace/didChangeWorkspaceFolders', { event = event })
  end
end

--- What is called at each move of the cursor, and calls when it has come to rest.
---@param bufnr integer
---@param call fun() Not called where something was typed meanwhile.
local function at_rest(bufnr, call)
  local moves = 0
  return function()
    moves = moves + 1
    local mine, tick = moves, vim.api.nvim_buf_get_changedtick(bufnr)
    vim.defer_fn(function()
      local is_last = mine == moves and vim.api.nvim_buf_is_valid(bufnr)
      if is_last and tick == vim.api.nvim_buf_get_changedtick(bufnr) then
        call()
      end
    end, REST_MS)
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
local function follow(client, bufnr)
  local group = vim.api.nvim_create_augroup('codeassist:' .. bufnr, {})
  local function focused()
    if vim.api.nvim_get_current_buf() == bufnr and scope.of(bufnr) then
      telling.focused(client)
    end
  end
  focused()
  vim.api.nvim_create_autocmd('BufEnter', { group = group, buffer = bufnr, callback = focused })
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'InsertEnter' }, {
    group = group,
    buffer = bufnr,
    callback = at_rest(bufnr, focused),
  })
  ---@param events string[]
  ---@param withdraw fun(bufnr: integer)
  local function over(events, withdraw)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      buffer = bufnr,
      callback = function()
        withdraw(bufnr)
        asking.cancel(client, bufnr)
      end,
    })
  end
  over({ 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, ghost.withdraw_contradicted)
  -- a click goes to another window in insert mode: no InsertLeave, no end of the text
  over({ 'BufLeave', 'WinLeave' }, ghost.withdraw)
  -- <C-c> leaves insert mode without an InsertLeave
  vim.api.nvim_create_autocmd('ModeChanged', {
    group = group,
    pattern = 'i*:n',
    callback = function(event)
      if event.buf == bufnr then
        ghost.abort(bufnr)
      end
    end,
  })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    buffer = bufnr,
    callback = function()
      scope.apply(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    buffer = bufnr,
    callback = function(event)
      if event.data.client_id == client.id then
        hearing.watch(bufnr)
        vim.api.nvim_del_augroup_by_id(group)
      end
    end,
  })
end

--- Draw ghost text in a buffer that a server has attached to, if the server is ours.
---@param bufnr integer
---@param client_id integer
function M.attach(bufnr, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  if not client or client.name ~= 'codeassist' then
    return
  end
  if not guarded[client_id] then
    guarded[client_id] = true
    asking.guard(client)
  end
  add_folder(client, bufnr)
  scope.apply(bufnr)
  follow(client, bufnr)
  -- Neovim puts off its own hooks by one step, so two steps from here they are in place
  vim.schedule(function()
    vim.schedule(function()
      ghost.make_up(bufnr)
      state.announce()
    end)
  end)
end

return M
