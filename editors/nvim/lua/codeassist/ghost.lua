--- Ghost text is Neovim's own; this file accepts it, and ends what stands too long.
---
--- Neovim shows an answer, and inserts it, where the cursor stood when it was asked
--- for. So an item is fitted to what was typed since before it is inserted, and is
--- taken off the screen by the first key that contradicts it; that key also cancels
--- the request in flight, whose answer would be for a text that is gone.

local asking = require('codeassist.asking')
local server = require('codeassist.server')
local state = require('codeassist.state')
local telling = require('codeassist.telling')

local M = {}

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
---@return string?
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
  local fits = #typed < #text and vim.startswith(text, typed)
  if not fits or not asking.goes_on_as_then() then
    return nil
  end
  return typed
end

---@type table<integer, integer|'now'> The buffer's changedtick after the last accepted part.
local accepted_at = {}

--- Begin a new undo step, unless all that happened since the last part is that part: so
--- one `u` takes back a completion, however many parts it came in, and nothing typed.
---@param bufnr integer
local function break_undo(bufnr)
  local last = accepted_at[bufnr]
  if last ~= 'now' and last ~= vim.b[bufnr].changedtick then
    vim.bo[bufnr].undolevels = vim.bo[bufnr].undolevels
  end
  accepted_at[bufnr] = 'now'
  vim.schedule(function()
    accepted_at[bufnr] = vim.api.nvim_buf_is_valid(bufnr) and vim.b[bufnr].changedtick or nil
  end)
end

--- Neovim has no public way to this. Without these private fields contradicted text stays
--- until the next answer, there are no alternatives, and what was typed before the server
--- was there is not asked for before the next key.
---@param bufnr integer
---@return table?
local function completor_of(bufnr)
  local active = vim.tbl_get(vim.lsp, '_capability', 'all', 'inline_completion', 'active')
  return active and active[bufnr]
end

--- Leave the rest of an item on screen while a part of it, of one line, is put in: the
--- next part may be asked for before the next answer is there.
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item
local function keep_rest(bufnr, item)
  local completor = completor_of(bufnr)
  if not completor then
    return
  end
  local whole = vim.tbl_extend('error', {}, item)
  completor.current = whole
  vim.schedule(function() -- the part is in by then
    if completor.current == whole then
      M.withdraw_contradicted(bufnr)
      completor:show()
    end
  end)
end

--- The item as it may be inserted now; nil: it may not.
---@param item vim.lsp.inline_completion.Item
---@param part codeassist.Part
---@return vim.lsp.inline_completion.Item?
local function fitted(item, part)
  if not is_ours(item.client_id) then
    return item
  end
  local bufnr = vim.api.nvim_get_current_buf()
  local typed = typed_of(item)
  if not typed or not vim.bo[bufnr].modifiable then
    return nil
  end
  local rest = item.insert_text:sub(#typed + 1)
  local cut = CUT[part](rest)
  if cut ~= rest then
    if not cut:find('\n') then -- behind a line break its place would be another
      keep_rest(bufnr, item)
    end
    telling.part(item.client_id, bufnr, item, typed .. cut)
    item.command = nil -- it reports an accepted completion, this is a part of one
  end
  item.insert_text = cut
  item.range = nil -- put in at the cursor, as if typed: so `.` repeats it
  break_undo(bufnr)
  return item
end

--- Take our item off the screen.
---@param bufnr integer
---@param stays? fun(item: vim.lsp.inline_completion.Item): any
function M.withdraw(bufnr, stays)
  local completor = completor_of(bufnr)
  local item = completor and completor.current
  if completor and item and is_ours(item.client_id) and not (stays and stays(item)) then
    completor.current = nil
    completor:hide()
  end
end

--- Take it off if it is contradicted by what was typed since.
---@param bufnr integer
function M.withdraw_contradicted(bufnr)
  M.withdraw(bufnr, typed_of)
end

--- Do what Neovim itself does when insert mode is left by <Esc>.
---@param bufnr integer
function M.abort(bufnr)
  local completor = completor_of(bufnr)
  if completor then
    completor:abort()
  end
end

--- Whether somebody types in a buffer.
---@param bufnr integer
---@return boolean
local function is_typing(bufnr)
  local is_insert = vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
  return is_insert and bufnr == vim.api.nvim_get_current_buf()
end

--- Ask for a buffer in which somebody typed before there was a server or a model to ask.
---@param bufnr integer
function M.make_up(bufnr)
  local completor = completor_of(bufnr)
  if completor and is_typing(bufnr) then
    completor:automatic_request()
  end
end

---@param part codeassist.Part
---@param refused? fun() Called if the ghost text turns out not to fit.
---@return boolean shown
function M.accept(part, refused)
  local taken = false
  local shown = vim.lsp.inline_completion.get({
    on_accept = function(item)
      local fit = fitted(item, part)
      taken = fit ~= nil
      return fit
    end,
  })
  if shown and vim.fn.pumvisible() == 1 then
    -- its entries are of the text before; closed by them later, it would undo this one
    vim.api.nvim_feedkeys(vim.keycode('<C-x><C-z>'), 'ni', false)
  end
  if shown and refused then
    -- a key that came right before, and is in the buffer only by now, may have ended it
    vim.schedule(function()
      if not taken then
        refused()
      end
    end)
  end
  return shown
end

---@param completor table
local function request_by_hand(completor)
  completor:reset_timer() -- the request that is due after a key would ask for one
  completor:request(asking.INVOKED)
end

--- Call again as soon as a buffer has a server with a model.
---@param bufnr integer
---@param ask fun(bufnr: integer)
---@return boolean comes
local function wait_for_model(bufnr, ask)
  if not state.client(bufnr) and not server.call(bufnr) then
    return false
  end
  vim.api.nvim_create_autocmd('User', {
    group = vim.api.nvim_create_augroup('codeassist:asked', {}), -- the last one counts
    pattern = 'CodeassistStatus',
    callback = function()
      local is_there = state.has_model(bufnr)
      if is_there then
        ask(bufnr)
      end
      return is_there
    end,
  })
  return true
end

--- Ask by hand: what is held back from who types is shown then, also where it is off.
---@param bufnr integer
---@return boolean asked
local function ask(bufnr)
  if not is_typing(bufnr) then
    return false
  elseif not state.has_model(bufnr) then
    return wait_for_model(bufnr, ask)
  end
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr }) -- `asking` heeds the switches
  local completor = completor_of(bufnr)
  if completor then
    request_by_hand(completor)
  end
  return completor ~= nil
end

--- Show another completion, asking for some first where there is but one or none.
---@param count integer So many on.
---@return boolean shown
function M.select(count)
  local bufnr = vim.api.nvim_get_current_buf()
  local completor = completor_of(bufnr)
  if not completor or not completor.current then
    return ask(bufnr)
  end
  if completor:count_items() > 1 or not is_ours(completor.current.client_id) then
    vim.lsp.inline_completion.select({ count = count })
  else
    asking.alternatives(function()
      request_by_hand(completor)
    end, count)
  end
  return true
end

return M
