--- Ghost text is Neovim's own; this file ends what Neovim 0.12 lets stand too long.
---
--- Neovim shows an answer, and inserts it, where the cursor stood when it was asked
--- for. So an item is fitted to what was typed since before it is inserted, and is
--- taken off the screen by the first key that contradicts it; that key also cancels
--- the request in flight, whose answer would be for a text that is gone.

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local WORD = [[^\_s*\%(\k\+\|\%(\k\@![^ \t\n]\)\+\)]]

---@alias codeassist.Part 'all'|'word'|'line'

---@type table<codeassist.Part, fun(rest: string): string>
local CUT = {
  all = function(rest)
    return rest
  end,
  line = function(rest)
    return rest:match('^\n?[^\n]*')
  end,
  word = function(rest)
    local word = vim.fn.matchstr(rest, WORD)
    return word ~= '' and word or rest
  end,
}

---@param client_id integer
---@return boolean
local function is_ours(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  return client ~= nil and client.name == 'codeassist'
end

--- What was typed of the item; nil: it does not fit, or nothing is left of it.
---@param item vim.lsp.inline_completion.Item
---@return string? typed
---@return lsp.Range? range From where the item starts to the cursor.
local function typed_of(item)
  local text = item.insert_text
  if type(text) ~= 'string' or not item.range then
    return nil
  end
  local row, start = item.range:to_extmark()
  local cursor = vim.api.nvim_win_get_cursor(0)
  if cursor[1] - 1 ~= row or cursor[2] < start then
    return nil
  end
  local typed = vim.api.nvim_get_current_line():sub(start + 1, cursor[2])
  if #typed == #text or not vim.startswith(text, typed) then
    return nil
  end
  return typed,
    {
      start = { line = row, character = start },
      ['end'] = { line = row, character = cursor[2] },
    }
end

--- The item as it may be inserted now; nil: it may not.
---@param item vim.lsp.inline_completion.Item
---@param part codeassist.Part
---@return vim.lsp.inline_completion.Item?
local function fitted(item, part)
  if not is_ours(item.client_id) then
    return item
  end
  local typed, range = typed_of(item)
  if not typed or not range then
    return nil
  end
  local rest = item.insert_text:sub(#typed + 1)
  local cut = CUT[part](rest)
  if cut ~= rest then
    item.command = nil -- it reports an accepted completion, this is a part of one
  end
  item.insert_text = typed .. cut
  item.range = vim.range.lsp(vim.api.nvim_get_current_buf(), range, 'utf-8')
  return item
end

---@param part codeassist.Part
---@param refused? fun() Called if the ghost text turns out not to fit.
---@return boolean shown
function M.accept(part, refused)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      local fit = fitted(item, part)
      if not fit and refused then
        refused()
      end
      return fit
    end,
  })
end

---@param count integer
---@return boolean shown
function M.select(count)
  local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
  local marks = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 })
  vim.lsp.inline_completion.select({ count = count })
  return #marks > 0
end

--- Neovim has no public way to withdraw an item and keep its request timer. Without
--- these private fields contradicted text merely stays until the next answer.
---@param bufnr integer
local function withdraw_contradicted(bufnr)
  local active = vim.tbl_get(vim.lsp, '_capability', 'all', 'inline_completion', 'active')
  local completor = active and active[bufnr]
  local item = completor and completor.current
  if item and is_ours(item.client_id) and not typed_of(item) then
    completor.current = nil
    completor:hide()
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
local function cancel_pending(client, bufnr)
  for id, request in pairs(client.requests) do
    if request.type == 'pending' and request.method == METHOD and request.bufnr == bufnr then
      client:cancel_request(id)
    end
  end
end

--- Tell the server where the cursor rests in a buffer, so that it can get ready.
---@param client vim.lsp.Client
---@param bufnr integer
local function tell_focus(client, bufnr)
  local function focused()
    if vim.api.nvim_get_current_buf() == bufnr then
      local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
      client:notify('textDocument/didFocus', params)
    end
  end
  focused()
  vim.api.nvim_create_autocmd('BufEnter', {
    group = vim.api.nvim_create_augroup('codeassist.focus:' .. bufnr, {}),
    buffer = bufnr,
    callback = focused,
  })
end

--- Draw ghost text in a buffer the server has attached to.
---@param bufnr integer
---@param client_id integer
function M.attach(bufnr, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  if not client or client.name ~= 'codeassist' then
    return
  end
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  tell_focus(client, bufnr)
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, {
    group = vim.api.nvim_create_augroup('codeassist.ghost:' .. bufnr, {}),
    buffer = bufnr,
    callback = function()
      withdraw_contradicted(bufnr)
      cancel_pending(client, bufnr)
    end,
  })
end

return M
