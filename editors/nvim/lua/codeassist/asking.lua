--- The requests for completions: what they ask for, and which answers still count.
---
--- Neovim 0.12 shows whatever answer comes last, for whatever text it was asked, and
--- stumbles over one for a buffer that is gone or switched off.

local hearing = require('codeassist.hearing')
local scope = require('codeassist.scope')

local M = {}

local METHOD = 'textDocument/inlineCompletion'

--- An LSP InlineCompletionTriggerKind. Neovim's own table of them is not there before 0.12,
--- where `setup()` shall still be able to say so.
M.INVOKED = 1

---@type integer? How many items on to go when the alternatives, asked for now, are there.
local wanted

---@type table<integer, string> By buffer what stood behind the cursor when it was answered.
local behind = {}

---@return string
local function rest_of_line()
  local column = vim.api.nvim_win_get_cursor(0)[2]
  return vim.api.nvim_get_current_line():sub(column + 1)
end

--- Whether the line goes on behind the cursor as it did when the current buffer was
--- answered: a key may have put in more than itself, as a pair of brackets.
---@return boolean
function M.goes_on_as_then()
  return behind[vim.api.nvim_get_current_buf()] == rest_of_line()
end

---@param client vim.lsp.Client
---@param context lsp.HandlerContext
---@return boolean
local function is_stale(client, context)
  local bufnr = context.bufnr
  if bufnr ~= vim.api.nvim_get_current_buf() then
    return true
  end
  if
    not client.attached_buffers[bufnr]
    or not vim.lsp.inline_completion.is_enabled({ bufnr = bufnr, client_id = client.id })
    or context.version ~= vim.lsp.util.buf_versions[bufnr]
  then
    return true
  end
  local here = vim.lsp.util.make_position_params(0, client.offset_encoding)
  return not vim.deep_equal(here.position, context.params.position)
end

---@param client vim.lsp.Client
---@param handler lsp.Handler
---@param count? integer How many items on to go.
---@return lsp.Handler
local function guarded(client, handler, count)
  return function(_, result, context)
    if is_stale(client, context) then
      return
    end
    -- nothing and errors would leave the text on screen that was there before
    local items = type(result) == 'table' and (result.items or result) or {}
    behind[context.bufnr] = rest_of_line()
    handler(nil, { items = items }, context)
    if count and #items > 1 then
      vim.lsp.inline_completion.select({ count = count })
    end
    if items[1] and vim.api.nvim_get_mode().mode:sub(1, 1) == 'i' then
      require('codeassist.telling').shown(client, items[1])
    end
  end
end

--- Stand between Neovim and a client for this one method.
---@param client vim.lsp.Client
function M.guard(client)
  local request = client.request
  ---@diagnostic disable-next-line: duplicate-set-field
  client.request = function(self, method, params, handler, bufnr)
    if method ~= METHOD or not handler then
      return request(self, method, params, handler, bufnr)
    end
    -- asked some time after a key: the position would be that of another window
    if bufnr ~= vim.api.nvim_get_current_buf() then
      return false
    end
    -- where somebody has asked by hand Neovim asks on by itself
    if params.context.triggerKind ~= M.INVOKED and not scope.of(bufnr) then
      return false
    end
    hearing.make_up(client, bufnr)
    return request(self, method, params, guarded(client, handler, wanted), bufnr)
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
function M.cancel(client, bufnr)
  for id, request in pairs(client.requests) do
    if request.type == 'pending' and request.method == METHOD and request.bufnr == bufnr then
      client:cancel_request(id)
    end
  end
end

--- Ask for alternatives and show the one that is so many on.
---@param ask fun()
---@param count integer
function M.alternatives(ask, count)
  wanted = count
  ask()
  wanted = nil
end

return M
